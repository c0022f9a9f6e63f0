import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { EXAMPLE } from "../../testkit/cluster/example.ts";
import { installOperator, RELEASE, type OperatorRelease } from "../../testkit/cluster/operator-release.ts";
import { runHelm, runKubectl } from "../../testkit/cluster/kubectl.ts";
import { connectClient } from "../../testkit/cluster/clients.ts";
import { emptyFleet, minimalExample, upState, type Fleet } from "../../testkit/cluster/fleet.ts";

const state = upState();
const team: OperatorRelease = { name: "team", namespace: "e2e-team-system", chart: RELEASE.chart };
const third: OperatorRelease = { name: "third", namespace: "e2e-third-system", chart: RELEASE.chart };

let managed: Fleet;
let ignored: Fleet;
beforeAll(async () => {
  managed = await emptyFleet("managed");
  ignored = await emptyFleet("ignored");
  // Restrict the operator of `make up` to the example's namespace. Otherwise it would also manage the namespaces of
  // this test.
  await installOperator(state, RELEASE, [`watchNamespaces={${EXAMPLE.namespace}}`]);
}, 240_000);
afterAll(async () => {
  await helm("uninstall", team.name, "--namespace", team.namespace, "--ignore-not-found", "--wait");
  await installOperator(state);
  await kubectl("delete", "namespace", team.namespace, third.namespace, "--ignore-not-found", "--wait=false");
  await Promise.all([managed.remove(), ignored.remove()]);
}, 240_000);

const kubectl = (...args: string[]) => runKubectl(state, args);
const helm = (...args: string[]) => runHelm(state, args);
const only = (fleet: Fleet) => [`watchNamespaces={${fleet.namespace}}`, "rbac.aggregate=false"];
const podUids = async () => (await managed.list("pods")).map(({ metadata }) => metadata.uid).sort();

test("an operator of one namespace manages a cluster there and ignores one in another namespace", async () => {
  await installOperator(state, team, [...only(managed), "crd.install=false"]);
  await ignored.apply(minimalExample(ignored));
  await managed.apply(minimalExample(managed));
  await managed.waitReady();
  (await connectClient(managed, "ada")).close();
  expect(await managed.condition("LimitsApplied")).toMatchObject({ status: "True" });
  expect(await ignored.get("rtc", ignored.name)).not.toHaveProperty("status.conditions");
  expect(
    await ignored.list("deployments,services,configmaps", "app.kubernetes.io/managed-by=realtime-operator"),
  ).toEqual([]);
}, 240_000);

test.each([
  {
    sentence: "the team's operator may list Secrets in its namespace",
    release: team,
    where: () => managed.namespace,
    want: "yes",
  },
  {
    sentence: "the team's operator may not list Secrets in an unmanaged namespace",
    release: team,
    where: () => ignored.namespace,
    want: "no",
  },
  {
    sentence: "the team's operator may not list Secrets in a namespace of the first operator",
    release: team,
    where: () => EXAMPLE.namespace,
    want: "no",
  },
  {
    sentence: "the first operator may no longer list Secrets in the team's namespace",
    release: RELEASE,
    where: () => managed.namespace,
    want: "no",
  },
])("$sentence", async ({ release, where, want }) => {
  const name = await kubectl(
    "-n",
    release.namespace,
    "get",
    "deployment",
    "-l",
    `app.kubernetes.io/instance=${release.name}`,
    "-o",
    "jsonpath={.items[0].spec.template.spec.serviceAccountName}",
  );
  const account = `system:serviceaccount:${release.namespace}:${name}`;
  const answer = await kubectl("auth", "can-i", "list", "secrets", `--as=${account}`, "--namespace", where()).catch(
    () => "no",
  );
  expect(answer.trim()).toBe(want);
});

test("Helm refuses a second operator for a namespace, and a second owner of the definition", async () => {
  await expect(installOperator(state, third, [...only(managed), "crd.install=false"])).rejects.toThrow(
    /Role "realtime-operator" in namespace "e2e-managed" exists/,
  );
  await expect(installOperator(state, third, only(ignored))).rejects.toThrow(/realtimeclusters\.realtime\.dev/);
}, 120_000);

test("the first operator takes over the cluster without touching a pod when the team's operator is uninstalled", async () => {
  const before = await podUids();
  const client = await connectClient(managed, "bob");
  await helm("uninstall", team.name, "--namespace", team.namespace, "--wait");
  await installOperator(state);
  await ignored.waitReady();
  await managed.patchLive({ limits: { maxRoomsPerUser: 9 } });
  expect(await podUids()).toEqual(before);
  expect(client.disconnects).toEqual([]);
  client.close();
}, 240_000);
