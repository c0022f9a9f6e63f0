import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runHelm, runKubectl } from "../../testkit/cluster/kubectl.ts";
import { installOperator, RELEASE } from "../../testkit/cluster/operator-release.ts";
import { connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { GATEWAY_SELECTOR, startFleet, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";
import { NEW_COLUMN, nextRelease, type NextRelease } from "../support/next-release.ts";

/** The chart's default for `upgrade`. `make up` sets Automatic instead. */
const asUsual = ["upgrade=Manual"];

let fleet: Fleet;
let next: NextRelease;
let clients: Client[];
let podsBefore: unknown;
beforeAll(async () => {
  fleet = await startFleet("operator-upgrade");
  next = await nextRelease(fleet.state);
  await installOperator(fleet.state, RELEASE, asUsual);
  clients = await connectMany(fleet, 6);
  podsBefore = await pods();
}, 240_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await installOperator(fleet.state); // needed even after a failed test, because later tests use this Helm release
  next.remove();
  await fleet.remove();
}, 240_000);

const kubectl = (...args: string[]) => runKubectl(fleet.state, args);
const operatorImages = () =>
  kubectl(
    "-n",
    RELEASE.namespace,
    "get",
    "pods",
    "-l",
    `app.kubernetes.io/instance=${RELEASE.name}`,
    "--field-selector=status.phase=Running",
    "-o",
    "jsonpath={.items[*].spec.containers[0].image}",
  );
const columns = () => fleet.kubectl(["get", "rtc", fleet.name]);

/** All pods of the fleet, with the number of restarts of each. */
async function pods(): Promise<unknown> {
  const found = await fleet.list("pods");
  return found.map(({ metadata, status }) => [
    metadata.name,
    metadata.uid,
    status?.containerStatuses?.map(({ restartCount }) => restartCount),
  ]);
}

async function uidsOf(component: string): Promise<string[]> {
  return (await fleet.list("pods", `app.kubernetes.io/component=${component}`)).map(({ metadata }) => metadata.uid);
}

async function expectNobodyNoticed(): Promise<void> {
  expect(await pods()).toEqual(podsBefore);
  for (const client of clients) expect(client.disconnects).toEqual([]);
}

async function upgradeOperator(): Promise<void> {
  await installOperator(next.state, { ...RELEASE, chart: next.chart }, asUsual);
  await until(
    "only the next operator to run",
    async () => (await operatorImages()) === next.state.operatorImage,
    60_000,
  );
}

async function expectUpgradeToWait(): Promise<void> {
  const condition = await until(
    "the operator to report that its gateway image waits",
    async () => {
      const found = await fleet.condition("UpToDate");
      return found?.status === "False" ? found : undefined;
    },
    60_000,
  );
  const message = `gateways still have image ${fleet.state.gatewayImage} instead of ${next.state.gatewayImage}: set spec.upgrade to Automatic to upgrade`;
  expect(condition).toMatchObject({ reason: "UpgradePending", message });
  const status = await kubectl(
    "-n",
    RELEASE.namespace,
    "exec",
    `deployment/${RELEASE.name}`,
    "--",
    "node",
    "main.mjs",
    "status",
    fleet.name,
    "-n",
    fleet.namespace,
  );
  expect(status).toMatch(/^UpToDate +False +UpgradePending +gateways still have /m);
}

test("helm upgrade touches no pod of a fleet and reports the pending upgrade", async () => {
  await upgradeOperator();
  expect(await columns()).toContain(NEW_COLUMN.toUpperCase());
  await expectUpgradeToWait();
  await fleet.patchLive({ limits: { maxRoomsPerUser: 41 } });
  await expectNobodyNoticed();
}, 240_000);

test("helm rollback restores the operator and the definition and touches no pod", async () => {
  const into = ["--namespace", RELEASE.namespace, "--wait", "--timeout", "120s"];
  await runHelm(fleet.state, ["rollback", RELEASE.name, ...into]);
  await until(
    "only the former operator to run",
    async () => (await operatorImages()) === fleet.state.operatorImage,
    60_000,
  );
  expect(await columns()).not.toContain(NEW_COLUMN.toUpperCase());
  await until(
    "no upgrade to be pending any more",
    async () => (await fleet.condition("UpToDate"))?.status === "True",
    60_000,
  );
  await fleet.patchLive({ limits: { maxRoomsPerUser: 42 } });
  await expectNobodyNoticed();
}, 240_000);

test("replaces the gateways, moves every client and keeps Redis when spec.upgrade is Automatic", async () => {
  await upgradeOperator();
  await expectUpgradeToWait();
  const before = (await fleet.gateways()).map(({ metadata }) => metadata.uid);
  const redis = await uidsOf("redis");
  await fleet.patch({ spec: { upgrade: "Automatic" } });
  await until(
    "all gateways to be of the next release",
    async () => {
      const all = await fleet.list<KubeView & { spec: { containers: { image: string }[] } }>("pods", GATEWAY_SELECTOR);
      return (
        all.length === before.length &&
        all.every(
          ({ metadata, spec }) =>
            !before.includes(metadata.uid) && spec.containers[0]?.image === next.state.gatewayImage,
        )
      );
    },
    240_000,
    500,
  );
  await until("every client to be connected", async () => clients.every(({ socket }) => socket.connected), 30_000);
  // No client may be disconnected with this reason, because a stock client does not reconnect after it.
  for (const { disconnects } of clients) expect(disconnects).not.toContain("io server disconnect");
  expect(await fleet.condition("UpToDate")).toMatchObject({ status: "True", reason: "UpToDate" });
  expect(await uidsOf("redis")).toEqual(redis);
}, 420_000);
