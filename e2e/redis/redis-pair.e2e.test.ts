// Tests a cluster with two Redis pods that do not replicate. Gateways must continue to exchange messages when either
// pod ends or hangs.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";
import { untilRoutedToAll } from "../support/gateway-metrics.ts";
import { openNodeShell, type NodeShell } from "../support/node-shell.ts";
import { connectSeated } from "../support/seated-clients.ts";

let fleet: Fleet;
let node: NodeShell;
/** Six clients in one room: the first three on one gateway, the others on the other gateway. */
let clients: Client[];
let gateways: unknown[];
/** All messages that were sent. Each entry has one message of each sender. */
const sent: string[][] = [];
beforeAll(async () => {
  const limits = { maxConnectionsPerAddress: 10_000, maxEventsPerMinute: 1_000_000 };
  fleet = await startFleet("redis-pair", { redis: { type: "Managed", managed: { replicas: 2 } }, limits });
  node = await openNodeShell(fleet);
  await untilRoutedToAll(fleet);
  const pods = await fleet.gateways();
  clients = Object.values(
    await connectSeated(fleet, Object.fromEntries(pods.map(({ metadata }) => [metadata.name, 3]))),
  ).flat();
  for (const client of clients)
    expect(await client.emit("join_room", { room: "lobby" })).toMatchObject({ success: true });
  gateways = await gatewaysNow();
  await untilBothAreUsed();
}, 300_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await node.remove();
  await fleet.remove();
});

const gatewaysNow = async () =>
  (await fleet.gateways()).map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.restartCount]);
const redis = (index: 0 | 1) => fleet.get<KubeView>("pod", `${fleet.name}-redis-${index}`);

/** Waits until both gateways have logged that their bus is connected to both Redis pods. */
async function untilBothAreUsed(): Promise<void> {
  for (const { metadata } of await fleet.gateways()) {
    await until(
      `${metadata.name} to use both Redis pods`,
      async () => {
        const lines = (await fleet.kubectl(["logs", metadata.name]))
          .split("\n")
          .filter((line) => /"bus (connected|disconnected)"/.test(line));
        return [0, 1].every(
          (index) =>
            lines.findLast((line) => line.includes(`${fleet.name}-redis-${index}.`))?.includes('"bus connected"') ===
            true,
        );
      },
      90_000,
      250,
    );
  }
}

/** The clients that send: one on each gateway, because each gateway must find the working Redis by itself. */
const senders = () => [clients[0]!, clients.at(-1)!];

/** Sends one message from each sender. */
async function send(): Promise<string[]> {
  const messages = senders().map(({ user }) => `${user} ${sent.length}`);
  sent.push(messages);
  for (const [index, sender] of senders().entries())
    expect(await sender.emit("send_message", { room: "lobby", message: messages[index] })).toMatchObject({
      success: true,
    });
  return messages;
}

const everybodyHas = (messages: readonly string[]) => async () =>
  clients.every((client) => messages.every((message) => client.messages().includes(message)));

/**
 * Sends messages until `happening` has ended and a message has reached every client. Then sends twenty more, and all of
 * these must arrive.
 */
async function sendThrough(happening: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = happening.finally(() => (isOver = true));
  await until("the change of Redis to be over", async () => (await send(), isOver), 90_000, 20);
  await over;
  await until(
    "messages to reach every client",
    async () => until("everybody", everybodyHas(await send()), 1000, 20),
    30_000,
  );
  const more: string[] = [];
  for (let count = 0; count < 20; count++) more.push(...(await send()));
  await until("every client to have twenty more messages", everybodyHas(more), 10_000);
}

/**
 * Checks all messages from the index `since` on. No client was disconnected or got a message twice. Clients of the
 * sender's gateway got every message, and all others missed at most one sequence of consecutive messages.
 */
function expectOneMomentLost(since: number): void {
  expect(clients.map(({ disconnects }) => disconnects)).toEqual(clients.map(() => []));
  const half = clients.length / 2;
  for (const [index, client] of clients.entries()) {
    const got = new Set(client.messages());
    expect(got.size).toBe(client.messages().length);
    for (const sender of [0, 1] as const) {
      const isThere = sent.slice(since).map((messages) => got.has(messages[sender] ?? ""));
      const gaps = isThere.filter((is, at) => !is && isThere[at - 1] !== false).length;
      expect(gaps).toBeLessThanOrEqual(Math.trunc(index / half) === sender ? 0 : 1);
    }
  }
}

test("continues through the other Redis without disconnects when the one in use ends", async () => {
  const { metadata } = await redis(0);
  await sendThrough(fleet.kubectl(["delete", "pod", metadata.name]));
  expectOneMomentLost(0);
}, 150_000);

test("continues when the Redis in use hangs with open connections, and delivers nothing twice when it resumes", async () => {
  await untilBothAreUsed();
  const since = sent.length;
  await sendThrough(node.signal(await redis(1), "SIGSTOP"));
  await sendThrough(node.signal(await redis(1), "SIGCONT"));
  await untilBothAreUsed();
  expectOneMomentLost(since);
}, 240_000);

test("loses no message when the unused Redis is killed", async () => {
  await untilBothAreUsed();
  const since = sent.length;
  await sendThrough(fleet.kubectl(["delete", "pod", `${fleet.name}-redis-1`, "--grace-period=0", "--force"]));
  await untilBothAreUsed();
  await sendThrough(Promise.resolve());
  const got = clients.map((client) => new Set(client.messages()));
  expect(
    sent
      .slice(since)
      .flat()
      .filter((message) => !got.every((messages) => messages.has(message))),
  ).toEqual([]);
  expectOneMomentLost(since);
}, 240_000);

test("restarted no gateway, and the cluster is Ready", async () => {
  await fleet.waitReady();
  expect(await gatewaysNow()).toEqual(gateways);
}, 90_000);
