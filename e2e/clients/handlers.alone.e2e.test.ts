// Tests events that are answered by a handler, a Deployment of the application: while the handler is rolled out, while
// it has no pods, and afterwards.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { EXAMPLE } from "../../testkit/cluster/example.ts";
import { clientOf, connected } from "../../testkit/cluster/ingress-client.ts";
import { secretValue } from "../../testkit/cluster/jwt-secret.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import { startFleet, until, type Fleet } from "../../testkit/cluster/fleet.ts";
import { run } from "../../testkit/run.ts";
import { signToken } from "../../testkit/sign-token.ts";
import { orderRuns, startOrderHandler } from "../support/order-handler.ts";

const MEMBERS = 6;
const service = { name: "orders", port: 8080 };
/**
 * The timeout is longer than the default of 1 s, because a handler that has just started may be slow on a busy machine.
 */
const handler = { name: "orders", service, events: ["order:*"], timeoutMilliseconds: 10_000 };

let fleet: Fleet;
let members: Client[];
let podsBefore: string[];
const placed: string[] = [];

beforeAll(async () => {
  fleet = await startFleet("handlers", { limits: { maxEventsPerMinute: 100_000 } });
  await startOrderHandler(fleet);
  members = await connectMany(fleet, MEMBERS);
  for (const member of members) await member.emit("join_room", { room: "orders" });
  podsBefore = await podUids();
}, 240_000);
afterAll(async () => {
  members.forEach((member) => member.close());
  await fleet.remove();
});

const podUids = async () => (await fleet.gateways()).map(({ metadata }) => metadata.uid).sort();

async function place(member: Client, item: string): Promise<Record<string, unknown>> {
  // Longer than the handler's own timeout, so that the gateway always answers first.
  const answer = (await member.socket.timeout(30_000).emitWithAck("order:place", { item })) as Record<string, unknown>;
  if (answer["success"] === true) placed.push(item);
  return answer;
}

const ordersSeenBy = ({ seen }: Client) =>
  seen.flatMap(({ event, payload }) => (event === "order:placed" ? [String(payload["item"])] : []));

async function expectEachOrderOnce(): Promise<void> {
  const wanted = [...placed].sort();
  await until(
    "every member to see every order",
    async () => members.every((member) => ordersSeenBy(member).length >= wanted.length),
    10_000,
  );
  for (const member of members) expect(ordersSeenBy(member).sort()).toEqual(wanted);
  const runs = await orderRuns(fleet);
  expect(placed.filter((item) => runs[item] !== 1)).toEqual([]);
}

test("answers an event with a handler that is added to the running cluster, and every member of the room sees it once", async () => {
  await fleet.patchLive({ handlers: [handler] });
  // Retry, because the gateways learn the address of the handler's Service shortly after the Deployment is ready.
  let turn = 0;
  const answer = await until(
    "the handler to answer",
    async () => {
      const given = await place(members[0]!, `tea-${(turn += 1)}`);
      return given["success"] === true ? given : undefined;
    },
    30_000,
    200,
  );
  expect(answer).toEqual({ success: true, item: `tea-${turn}` });
  await expectEachOrderOnce();
  expect(await podUids()).toEqual(podsBefore);
}, 60_000);

test("loses and repeats no event and moves no connection while the handler's Deployment is rolled three times", async () => {
  const answers: Record<string, unknown>[] = [];
  let isLoaded = true;
  const load = members.map(async (member, index) => {
    for (let turn = 0; isLoaded; turn += 1) {
      answers.push(await place(member, `rolled-${index}-${turn}`));
      await sleep(50);
    }
  });
  try {
    for (let roll = 0; roll < 3; roll += 1) {
      await fleet.kubectl(["rollout", "restart", "deployment/orders"]);
      await fleet.kubectl(["rollout", "status", "deployment/orders", "--timeout=60s"]);
      await until("the old pod to be gone", async () => (await fleet.list("pods", "app=orders")).length === 1, 60_000);
    }
  } finally {
    isLoaded = false;
  }
  await Promise.all(load);
  expect(answers.filter(({ success }) => success !== true)).toEqual([]);
  expect(answers.length).toBeGreaterThan(10 * MEMBERS);
  await expectEachOrderOnce();
  for (const member of members) expect(member.disconnects).toEqual([]);
  expect(await podUids()).toEqual(podsBefore);
}, 300_000);

test("refuses events with a time to retry and serves all others while the handler is scaled to zero, then serves again", async () => {
  await fleet.kubectl(["scale", "deployment/orders", "--replicas=0"]);
  const [member] = members as [Client];
  const refusal = await until(
    "a refusal",
    async () => {
      const answer = await place(member, `away-${placed.length}`);
      return answer["success"] === true ? undefined : answer;
    },
    60_000,
  );
  expect(refusal).toMatchObject({ code: "HANDLER_UNAVAILABLE", retryAfter: expect.any(Number) });
  expect(await member.emit("send_message", { room: "orders", message: "hello" })).toMatchObject({ success: true });
  await until(
    "every member to get the message",
    async () => members.every((one) => one.messages().includes("hello")),
    10_000,
  );
  const isAway = async () => {
    await place(member, "away");
    return (await fleet.condition("HandlersReady"))?.reason === "HandlerAway";
  };
  await until("the condition to name the handler", isAway, 60_000, 500);

  await fleet.kubectl(["scale", "deployment/orders", "--replicas=1"]);
  await fleet.kubectl(["rollout", "status", "deployment/orders", "--timeout=60s"]);
  let turn = 0;
  const isBack = async () => (await place(member, `back-${(turn += 1)}`))["success"] === true;
  await until("the handler to answer", isBack, 20_000, 200);
  for (const each of members)
    await until(
      "the other gateway as well",
      async () => (await place(each, `all-${(turn += 1)}`))["success"] === true,
      20_000,
      200,
    );
  await until(
    "the condition to be True",
    async () => (await fleet.condition("HandlersReady"))?.status === "True",
    40_000,
    500,
  );
  await expectEachOrderOnce();
  for (const each of members) expect(each.disconnects).toEqual([]);
  expect(await podUids()).toEqual(podsBefore);
}, 200_000);

test("deploys the example for the cluster of make up with one command", async () => {
  const { state } = fleet;
  const inExample = (...args: string[]) => runKubectl(state, ["--namespace", EXAMPLE.namespace, ...args]);
  expect(await run("make", ["example-handlers"])).toContain('emitWithAck("order:place", { item: "tea" })');
  const secret = await secretValue(state, EXAMPLE.namespace, EXAMPLE.secret, "secret");
  const token = await signToken(secret, { sub: "ada", rooms: [], lifetimeSeconds: 600 });
  const client = await connected(clientOf({ host: EXAMPLE.host, ingressAddress: state.ingressAddress, token }));
  try {
    const seen: unknown[] = [];
    client.on("order:placed", (order) => seen.push(order));
    const order = { item: "tea", by: "ada" };
    const isAnswered = async () => {
      const answer = (await client.timeout(10_000).emitWithAck("order:place", { item: "tea" })) as typeof order;
      return answer.by === order.by ? answer : undefined;
    };
    expect(await until("the example to answer", isAnswered, 30_000, 200)).toEqual(order);
    await until("the message to the room", async () => seen.length > 0, 5_000);
    expect(seen[0]).toEqual(order);
  } finally {
    client.disconnect();
    await inExample("patch", "rtc", EXAMPLE.name, "--type=merge", "--patch", '{"spec":{"handlers":null}}');
    await inExample("delete", "deployment,service,configmap", "orders", "--wait=false");
  }
}, 150_000);
