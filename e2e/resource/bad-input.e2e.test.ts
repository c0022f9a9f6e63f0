import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { emptyFleet, minimalExample, until, type Fleet } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await emptyFleet("bad-input");
}, 150_000);
afterAll(() => fleet.remove());

test("the API server refuses a bad resource and names the field and the fix", async () => {
  await expect(fleet.apply(minimalExample(fleet, { replicas: 3, redis: { type: "None" } }))).rejects.toThrow(
    /spec\.redis\.type None keeps all state in one pod: set spec\.replicas to 1/,
  );
  await expect(fleet.apply(minimalExample(fleet, { limits: { maxConections: 5 } }))).rejects.toThrow(/maxConections/);
  await expect(fleet.apply(minimalExample(fleet, { autoscaling: { minReplicas: 5, maxReplicas: 2 } }))).rejects.toThrow(
    /spec\.autoscaling\.minReplicas must not be greater/,
  );
});

test("sets ConfigurationAccepted=False with the path when a Secret is wrong, and recovers without an edit", async () => {
  await fleet.apply(minimalExample(fleet, { auth: { jwt: { secret: { name: "not-there" } } } }));
  await until(
    "ConfigurationAccepted to be False",
    async () => (await fleet.condition("ConfigurationAccepted"))?.status === "False",
    30_000,
  );
  const condition = await fleet.condition("ConfigurationAccepted");
  expect(condition?.message).toMatch(/spec\.auth\.jwt\.secret/);
  expect(condition?.message).toContain("not-there");
  await fleet.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "not-there" },
    stringData: { secret: "0123456789abcdef0123456789abcdef" },
  });
  await until(
    "ConfigurationAccepted to be True",
    async () => (await fleet.condition("ConfigurationAccepted"))?.status === "True",
    60_000,
  );
  await fleet.waitReady();
}, 200_000);

test("refuses a key that gateways would refuse, and touches no pod", async () => {
  const before = (await fleet.gateways()).map(({ metadata }) => metadata.uid).sort();
  await fleet.kubectl([
    "patch",
    "secret",
    "not-there",
    "--type=merge",
    "--patch",
    JSON.stringify({ stringData: { secret: "ab".repeat(20) } }),
  ]);
  await until(
    "ConfigurationAccepted to be False",
    async () => (await fleet.condition("ConfigurationAccepted"))?.reason === "SecretWeak",
    30_000,
  );
  expect((await fleet.gateways()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
  await fleet.kubectl([
    "patch",
    "secret",
    "not-there",
    "--type=merge",
    "--patch",
    JSON.stringify({ stringData: { secret: "0123456789abcdef0123456789abcdef" } }),
  ]);
  await fleet.waitReady();
}, 120_000);

test("reports the field's path when a pod patch has an unknown field", async () => {
  await fleet.patch({ spec: { podPatch: { spec: { tolerationz: [] } } } });
  await until(
    "ConfigurationAccepted to be False",
    async () => (await fleet.condition("ConfigurationAccepted"))?.status === "False",
    30_000,
  );
  const condition = await fleet.condition("ConfigurationAccepted");
  expect(condition).toMatchObject({ reason: "InvalidPodPatch" });
  expect(condition?.message).toMatch(/^spec\.podPatch .*\.spec\.template\.spec\.tolerationz/);
  await fleet.patch({ spec: { podPatch: null } });
  await fleet.waitReady();
}, 120_000);

test("explains in Ready why new pods cannot start while the old gateways keep serving", async () => {
  const ready = () => fleet.condition("Ready");
  await fleet.patch({ spec: { podPatch: { spec: { hostNetwork: true } } } });
  await until(
    "Ready to name Pod Security",
    async () => (await ready())?.message.includes("violates PodSecurity") === true,
    60_000,
  );
  await fleet.patch({ spec: { podPatch: null, image: "lab.local/gateway:nowhere" } });
  await until(
    "Ready to name the image",
    async () =>
      (await ready())?.message.includes("image lab.local/gateway:nowhere of container gateway cannot be pulled") ===
      true,
    60_000,
  );
  expect(await fleet.condition("Available")).toMatchObject({ status: "True" });
  await fleet.patch({ spec: { image: null } });
  await fleet.waitReady();
}, 200_000);
