import { describe, expect, test } from "@jest/globals";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { openRawSocket, frame, opcodes } from "../../../testkit/raw-socket.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { JWT_SECRET, type Ports } from "../../../testkit/gateway/gateway-settings.ts";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const one = { WS_MAX_CONNECTIONS_PER_USER: "1" };

/**
 * Connects a client of the user mary, and then makes it answer nothing, as if its network was gone. It still has its
 * seat.
 */
async function deadConnection(gateway: Ports): Promise<void> {
  const socket = await openRawSocket(gateway);
  on.defer(() => socket.destroy());
  const token = await signToken(JWT_SECRET, { sub: "mary", rooms: ["*"] });
  let heard = "";
  socket.on("data", (data) => (heard += data.toString()));
  socket.write(frame(opcodes.text, `40/events,${JSON.stringify({ token })}`));
  await until("the connection to be in", async () => heard.includes('"connected"'), 30_000, 5);
  socket.pause();
}

test("a user at the limit gets in although a dead connection of theirs holds the seat", async () => {
  const gateway = await on.gateway(one);
  await deadConnection(gateway);
  await on.connect(gateway, { user: "mary" });
  expect(await metricOf(gateway, "realtime_closed_total", { reason: "ghost" })).toBe(1);
  expect(gateway.ledger.state().connections).toBe(1);
});

test("a dead connection on another gateway is found as well", async () => {
  const { gateways } = await on.cluster(2, one);
  await deadConnection(gateways[0]!);
  await on.connect(gateways[1]!, { user: "mary" });
  expect(await metricOf(gateways[0]!, "realtime_closed_total", { reason: "ghost" })).toBe(1);
});

test("a user at the limit is refused, and keeps every connection, when all of them are alive", async () => {
  const { gateways } = await on.cluster(2, { WS_MAX_CONNECTIONS_PER_USER: "2" });
  const living = [await on.connect(gateways[0]!, { user: "mary" }), await on.connect(gateways[1]!, { user: "mary" })];
  for (const gateway of gateways)
    expect(await on.refused(gateway, { user: "mary" })).toMatchObject({ code: "CONNECTION_LIMIT_EXCEEDED" });
  expect(living.map(({ socket, disconnects }) => [socket.connected, disconnects])).toEqual([
    [true, []],
    [true, []],
  ]);
});

test("a client that gets the notice of a drain connects to another gateway before it leaves, also at the limit", async () => {
  const { gateways } = await on.cluster(2, { ...one, DRAIN_CONNECTIONS_PER_SECOND: "1" });
  const [leaving, staying] = [gateways[0]!, gateways[1]!];
  // Connect other clients first, so that the drain moves mary late.
  for (let index = 0; index < 20; index += 1) await on.connect(leaving, { user: `other-${index}` });
  const mary = await on.connect(leaving, { user: "mary" });
  const stopped = leaving.stop();
  await mary.next("server:draining");
  await on.connect(staying, { user: "mary" });
  expect(mary.disconnects).toEqual(["transport close"]);
  leaving.hurry();
  await stopped;
});

test("a client whose gateway was killed connects to another one when the lease has expired, without a refusal", async () => {
  const redis = await on.redis();
  const env = { ...one, REDIS_ENABLED: "true", REDIS_URL: redis.url };
  const killed = await on.child(env);
  const other = await on.gateway(env);
  await other.bus.whenReady();
  await until("both to know each other", async () => other.ledger.state().nodes === 2, 30_000, 50);
  await on.connect(killed, { user: "mary" });
  killed.kill("SIGKILL");
  await killed.ended;
  await on.connect(other, { user: "mary" });
  expect(await metricOf(other, "realtime_refusals_total", { code: "CONNECTION_LIMIT_EXCEEDED" })).toBe(0);
}, 60_000);

describe("over polling", () => {
  const polling = { ...one, WS_TRANSPORTS: "polling,websocket" };

  test("a user at the limit gets in although a dead connection of theirs holds the seat", async () => {
    const gateway = await on.gateway(polling);
    const base = `http://127.0.0.1:${gateway.publicPort}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(base)).text()).slice(1)) as { sid: string };
    const token = await signToken(JWT_SECRET, { sub: "mary", rooms: ["*"] });
    await fetch(`${base}&sid=${sid}`, { method: "POST", body: `40/events,${JSON.stringify({ token })}` });
    let heard = "";
    const poll = async (): Promise<boolean> => {
      heard += await (await fetch(`${base}&sid=${sid}`)).text();
      return heard.includes('"connected"');
    };
    await until("the connection to be in", poll, 30_000, 5);
    // From now on, this client polls no more.
    await on.connect(gateway, { user: "mary", options: { transports: ["polling"] } });
    expect(await metricOf(gateway, "realtime_closed_total", { reason: "ghost" })).toBe(1);
  });

  test("a user at the limit is refused, and keeps the connection, when it is alive", async () => {
    const gateway = await on.gateway(polling);
    const living = await on.connect(gateway, { user: "mary", options: { transports: ["polling"] } });
    expect(await on.refused(gateway, { user: "mary" })).toMatchObject({ code: "CONNECTION_LIMIT_EXCEEDED" });
    expect([living.socket.connected, living.disconnects]).toEqual([true, []]);
  });
});
