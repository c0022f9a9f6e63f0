import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { run } from "../lab/src/run.ts";
import { installOperator, RELEASE } from "../tools/up/up.ts";
import { connectMany, type Client } from "./support/clients.ts";
import { startFleet, until, type Fleet, type KubeView } from "./support/fleet.ts";
import { NEW_COLUMN, nextRelease, type NextRelease } from "./support/next-release.ts";

let fleet: Fleet;
let next: NextRelease;
let clients: Client[];
let podsBefore: unknown;
beforeAll(async () => {
  fleet = await startFleet("operator-upgrade");
  next = await nextRelease(fleet.state);
  clients = await connectMany(fleet, 6);
  podsBefore = await pods();
}, 240_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await installOperator(fleet.state); // whatever failed: the stories after this one are of this release
  next.remove();
  await fleet.remove();
}, 240_000);

const kubectl = (...args: string[]) => run(fleet.state.kubectl, [`--kubeconfig=${fleet.state.kubeconfig}`, ...args]);
const operatorImages = () => kubectl("-n", RELEASE.namespace, "get", "pods", "-l", `app.kubernetes.io/instance=${RELEASE.name}`, "--field-selector=status.phase=Running", "-o", "jsonpath={.items[*].spec.containers[0].image}");
const columns = () => fleet.kubectl(["get", "rtc", fleet.name]);

/** Gateways and Redis alike, with their restarts. */
async function pods(): Promise<unknown> {
  const found = await fleet.list("pods");
  return found.map(({ metadata, status }) => [metadata.name, metadata.uid, status?.containerStatuses?.map(({ restartCount }) => restartCount)]);
}

/** An edit of a live field arrives in every gateway: the operator that now leads works. */
async function editArrives(maxRoomsPerUser: number): Promise<void> {
  await fleet.patch({ spec: { limits: { maxRoomsPerUser } } });
  const { metadata } = await fleet.get("rtc", fleet.name);
  await until("the edit to be in force in every gateway", async () => {
    const { status } = await fleet.get<KubeView>("rtc", fleet.name);
    return status?.["observedGeneration"] === metadata.generation && status?.conditions?.find(({ type }) => type === "LimitsApplied")?.status === "True";
  }, 60_000);
}

async function expectNobodyNoticed(): Promise<void> {
  expect(await pods()).toEqual(podsBefore);
  for (const client of clients) expect(client.disconnects).toEqual([]);
}

test("helm upgrade to another operator image brings its definition and touches no pod of a fleet", async () => {
  await installOperator(next.state, { ...RELEASE, chart: next.chart });
  await until("the next operator alone", async () => (await operatorImages()) === next.state.operatorImage, 60_000);
  expect(await columns()).toContain(NEW_COLUMN.toUpperCase());
  await editArrives(41);
  await expectNobodyNoticed();
}, 240_000);

test("helm rollback brings the former operator and definition back, and touches no pod either", async () => {
  await run(fleet.state.helm, ["rollback", RELEASE.name, "--namespace", RELEASE.namespace, "--wait", "--timeout", "120s"], { env: { ...process.env, KUBECONFIG: fleet.state.kubeconfig } });
  await until("the former operator alone", async () => (await operatorImages()) === fleet.state.operatorImage, 60_000);
  expect(await columns()).not.toContain(NEW_COLUMN.toUpperCase());
  await editArrives(42);
  await expectNobodyNoticed();
}, 240_000);
