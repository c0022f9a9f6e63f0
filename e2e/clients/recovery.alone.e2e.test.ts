// Sends messages all the time while clients are moved to other gateways by a scale-up, a scale-down, a rollout and the
// death of a pod. Then checks what every client received.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, until, type Fleet } from "../../testkit/cluster/fleet.ts";
import { clientOf } from "../../testkit/cluster/ingress-client.ts";
import type { History, Publication } from "../../testkit/recovery/history.ts";
import { judge } from "../../testkit/recovery/judge.ts";
import { excerptsOf, summaryOf } from "../../testkit/recovery/judgement-report.ts";
import { RecordingClient } from "../../testkit/recovery/recording-client.ts";
import { connectionsByPod } from "../support/gateway-metrics.ts";

const CLIENTS = 400;
const MESSAGES_PER_SECOND = 50;
/**
 * Rooms are so small that gateways announce each member that joins or leaves. In rooms with 100 or more members, they
 * announce only counts.
 */
const CLIENTS_OF_A_ROOM = 50;

let fleet: Fleet;
const clients: RecordingClient[] = [];
const publications: Publication[] = [];
let tick = 0;
let isSending = true;
let sending: Promise<void>;

const areSettled = () =>
  until("all clients to be in their rooms", async () => clients.every((client) => client.isSettled()), 120_000);

beforeAll(async () => {
  fleet = await startFleet("recovery", {
    ...{ replicas: 2, limits: { maxConnectionsPerAddress: 10_000 }, rollout: { strategy: "AllAtOnce" } },
    drain: { connectionsPerSecond: 40, timeoutSeconds: 60 },
  });
  const { host, state } = fleet;
  for (let index = 0; index < CLIENTS; index += 1) {
    const token = await fleet.token(`user-${index}`);
    const client = new RecordingClient({
      ...{ name: `user-${index}`, rooms: [`room-${Math.floor(index / CLIENTS_OF_A_ROOM)}`], publications },
      ...{ ticks: () => ++tick, presented: { token } },
      open: (auth) =>
        clientOf({ host, ingressAddress: state.ingressAddress, token, namespace: "/messaging", options: { auth } }),
    });
    clients.push(client);
    if (index % 20 === 19) await areSettled();
  }
  sending = send();
}, 300_000);
afterAll(async () => {
  isSending = false;
  await sending;
  clients.forEach((client) => client.close());
  await fleet.remove();
});

/** One client after another sends a message to its room, until `isSending` is false. */
async function send(): Promise<void> {
  for (let turn = 0; isSending; turn += 1) {
    const client = clients[turn % CLIENTS]!;
    for (const room of client.rooms) void client.send(room);
    await sleep(1_000 / MESSAGES_PER_SECOND);
  }
}

async function gatewaysAre(areReplaced: (uids: string[]) => boolean): Promise<void> {
  const selector = `app.kubernetes.io/component=server,app.kubernetes.io/instance=${fleet.name}`;
  await until(
    "the gateways to be replaced, and ready",
    async () => {
      const pods = await fleet.list("pods", selector);
      const areReady = pods.every(({ status }) => status?.containerStatuses?.[0]?.ready === true);
      return areReady && areReplaced(pods.map(({ metadata }) => metadata.uid));
    },
    300_000,
    500,
  );
}

const uids = async (): Promise<string[]> => (await fleet.gateways()).map(({ metadata }) => metadata.uid);

/**
 * Waits until all clients are in their rooms and all messages have arrived. Then checks everything that clients have
 * received so far.
 */
async function expectNoFault(): Promise<void> {
  const before = clients.reduce((sum, { recoveries }) => sum + recoveries, 0);
  await areSettled();
  const history = (): History => ({
    ...{ publications: publications.filter(({ answeredAt }) => answeredAt < Infinity), outages: [] },
    clients: new Map(clients.map(({ name, observations }) => [name, observations])),
  });
  isSending = false;
  await sending;
  const areThere = async () => judge(history()).faults.every(({ kind }) => kind !== "lost");
  await until("all messages that are due to arrive", areThere, 20_000, 1_000).catch(() => undefined);
  const judgement = judge(history());
  process.stdout.write(`${summaryOf(judgement, history())}\n`);
  expect(excerptsOf(judgement, history())).toBe("");
  expect(judgement.recoveries).toBeGreaterThanOrEqual(before);
  expect(judgement.fresh).toBe(0);
  const announcements = clients.flatMap(({ observations }) => observations.filter(({ type }) => type === "sighted"));
  expect(announcements).toEqual(expect.not.arrayContaining([expect.objectContaining({ what: "user_left" })]));
  isSending = true;
  sending = send();
}

/**
 * Whether the rebalance after the scale-up is over: the operator then reports in the status that it has compared four
 * gateways.
 */
async function isEvened(): Promise<boolean> {
  const path = "jsonpath={.status.rebalance.gateways}";
  return (await fleet.kubectl(["get", "rtc", fleet.name, "-o", path])) === "4";
}

test("new gateways get equal parts, each client moves at most once, and none misses a message", async () => {
  await fleet.kubectl(["scale", `rtc/${fleet.name}`, "--replicas=4"]);
  await until("the rebalance to be over", isEvened, 300_000, 1_000);
  await expectNoFault();
  const mean = CLIENTS / 4;
  for (const connections of Object.values(await connectionsByPod(fleet))) {
    expect(connections).toBeGreaterThanOrEqual(0.9 * mean);
    expect(connections).toBeLessThanOrEqual(1.1 * mean);
  }
  expect(clients.filter(({ recoveries }) => recoveries > 1)).toEqual([]);
}, 500_000);

test("no client misses or doubles a message, rejoins or sees user_left when the fleet shrinks", async () => {
  await fleet.kubectl(["scale", `rtc/${fleet.name}`, "--replicas=3"]);
  await gatewaysAre((now) => now.length === 3);
  await expectNoFault();
}, 500_000);

test("a rollout of three gateways all at once moves each client exactly once, and none misses a message", async () => {
  const [old, before] = [await uids(), clients.map(({ recoveries }) => recoveries)];
  await fleet.patch({ spec: { podPatch: { metadata: { annotations: { "example.com/release": "2" } } } } });
  await gatewaysAre((now) => now.length === 3 && now.every((uid) => !old.includes(uid)));
  await expectNoFault();
  expect(clients.map(({ recoveries }, index) => recoveries - before[index]!)).toEqual(clients.map(() => 1));
}, 500_000);

test("no client misses or doubles a message, rejoins or sees user_left during a rollout one by one", async () => {
  const old = await uids();
  await fleet.patch({ spec: { rollout: { strategy: "OneByOne" } } });
  await gatewaysAre((now) => now.length === 3 && now.every((uid) => !old.includes(uid)));
  await expectNoFault();
}, 500_000);

test("no client misses or doubles a message, rejoins or sees user_left when a pod is deleted by force", async () => {
  const [victim] = await fleet.gateways();
  const { name, uid } = victim!.metadata;
  await fleet.kubectl(["delete", "pod", name, "--grace-period=0", "--force"]);
  await gatewaysAre((now) => now.length === 3 && !now.includes(uid));
  await expectNoFault();
}, 500_000);
