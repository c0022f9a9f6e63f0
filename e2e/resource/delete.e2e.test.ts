import { expect, test } from "@jest/globals";
import { minimalExample, startFleet, until } from "../../testkit/cluster/fleet.ts";

const OWNED =
  "deployments,statefulsets,services,configmaps,secrets,serviceaccounts,ingresses,poddisruptionbudgets,networkpolicies,pods,persistentvolumeclaims";

test("removes every child and Redis' data when the cluster is deleted", async () => {
  const fleet = await startFleet("delete", { drain: { timeoutSeconds: 5 } });
  const owned = () => fleet.list(OWNED, `app.kubernetes.io/instance=${fleet.name}`);
  expect((await owned()).length).toBeGreaterThan(8);
  await fleet.kubectl(["delete", "rtc", fleet.name, "--timeout=60s"]);
  await until("every child to be gone", async () => (await owned()).length === 0, 120_000, 500);
  // The operator must not delete this Secret, because the user has created it.
  expect((await fleet.list("secrets")).map(({ metadata }) => metadata.name)).toContain("minimal-jwt");
  await fleet.remove();
}, 300_000);

test("keeps the volume with dataPolicy Retain, and a new cluster of this name finds its data", async () => {
  const spec = { drain: { timeoutSeconds: 5 }, redis: { managed: { dataPolicy: "Retain" } } };
  const fleet = await startFleet("retain", spec);
  const redis = (...command: string[]) =>
    fleet.kubectl(["exec", `${fleet.name}-redis-0`, "--", "redis-cli", ...command]);
  await redis("set", "kept", "yes");
  const claims = async () => (await fleet.list("persistentvolumeclaims")).map(({ metadata }) => metadata.uid);
  const before = await claims();
  expect(before).toHaveLength(1);
  await fleet.kubectl(["delete", "rtc", fleet.name, "--timeout=60s"]);
  await until("the pods to be gone", async () => (await fleet.list("pods")).length === 0, 120_000, 500);
  expect(await claims()).toEqual(before);
  await fleet.apply(minimalExample(fleet, spec));
  await fleet.waitReady();
  expect(await claims()).toEqual(before);
  expect((await redis("get", "kept")).trim()).toBe("yes");
  await fleet.remove();
}, 300_000);
