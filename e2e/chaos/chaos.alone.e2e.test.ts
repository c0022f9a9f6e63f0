// The short form of `make chaos`: fewer clients and faults, and shorter ones.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type Fleet } from "../../testkit/cluster/fleet.ts";
import { Crowd } from "../../testkit/recovery/crowd.ts";
import { chaosFaults, stopApiServer, type ChaosFault } from "./faults.ts";
import { operatorSilence } from "./operator-writes.ts";
import { Outcomes } from "./outcomes.ts";

const API_DOWN_MS = 10_000;
const shorter: ChaosFault[] = chaosFaults.map((fault) =>
  fault.name === "API server down" ? { ...fault, run: (fleet) => stopApiServer(fleet, API_DOWN_MS) } : fault,
);
const names = [
  "Redis pod deleted",
  "operator killed",
  "kubelet restarted",
  "ingress restarted",
  "API server down",
  "containerd restarted",
  "forced pod deletion",
];

let fleet: Fleet;
let crowd: Crowd;
let outcomes: Outcomes;
beforeAll(async () => {
  fleet = await startFleet("chaos", { replicas: 3, limits: { maxConnectionsPerAddress: 10_000 } });
  crowd = new Crowd({ clients: 90, messagesPerSecond: 30, clientsOfARoom: 30 });
  await crowd.connect(fleet);
  outcomes = new Outcomes(fleet, crowd);
}, 240_000);
afterAll(async () => {
  await crowd.close();
  await fleet.remove();
});

test.each(names)(
  "every client is recovered and has all messages once after: %s",
  async (name) => {
    const fault = shorter.find((one) => one.name === name)!;
    if (fault.needs !== undefined && fault.needs !== fleet.state.cluster) return;
    const { moved, recovered, ...outcome } = await outcomes.of(fault, async () => 0);
    expect(outcome).toMatchObject({ unrecovered: 0, lost: 0, doubled: 0, problems: [] });
    expect(recovered).toBe(moved);
  },
  240_000,
);

test("the operator is silent after the faults", async () => {
  expect(await operatorSilence(fleet, 60_000)).toBeDefined();
}, 120_000);
