import { expect, test } from "@jest/globals";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { frame, opcodes, openRawSocket } from "../../../testkit/raw-socket.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { until } from "../../../testkit/until.ts";
import { TestClock } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();

test("lets in the clients that wait for their token, and then a new client that was refused before", async () => {
  const gateway = await on.gateway();
  const waiting = await Promise.all(Array.from({ length: 1_000 }, () => openRawSocket(gateway)));
  for (const socket of waiting) on.defer(() => socket.destroy());
  const newcomer = await on.turnedAway(gateway, "GLOBAL_LIMIT_EXCEEDED", { user: "newcomer" });
  const token = await signToken(JWT_SECRET, { sub: "crowd", rooms: ["*"] });
  for (const socket of waiting) {
    socket.resume();
    socket.write(frame(opcodes.text, `40/events,${JSON.stringify({ token })}`));
  }
  await until("the crowd to be in", async () => gateway.gateway.seatedCount() >= 1_000, 30_000, 20);
  await newcomer.next("connected");
  expect(await metricOf(gateway, "realtime_closed_total", { reason: "made room" })).toBe(0);
});

test("a client has 30 seconds for its token, and is closed after that", async () => {
  const clock = new TestClock();
  const gateway = await on.gateway({}, clock);
  const late = await openRawSocket(gateway);
  on.defer(() => late.destroy());
  clock.advance(29_000);
  const token = await signToken(JWT_SECRET, { sub: "late", rooms: ["*"] });
  late.write(frame(opcodes.text, `40/events,${JSON.stringify({ token })}`));
  await until("it to be in", async () => gateway.gateway.seatedCount() === 1, 30_000, 10);
  const never = await openRawSocket(gateway);
  on.defer(() => never.destroy());
  clock.advance(31_000);
  await until(
    "the other to be closed",
    async () => (await metricOf(gateway, "realtime_closed_total", { reason: "no namespace" })) === 1,
    30_000,
    20,
  );
});

test("an address that opens connections without entering a namespace uses up only its own limit", async () => {
  const clock = new TestClock();
  const gateway = await on.gateway({ WS_MAX_CONNECTIONS_PER_ADDRESS: "3", TRUSTED_PROXIES: "1" }, clock);
  const from = (address: string) => ({ options: { extraHeaders: { "x-forwarded-for": address } } });
  const idle = await Promise.all(
    Array.from({ length: 3 }, () => on.open(gateway, { token: null, ...from("6.6.6.6") })),
  );
  expect(idle).toHaveLength(3);
  await on.turnedAway(gateway, "ADDRESS_LIMIT_EXCEEDED", { user: "mallory", ...from("6.6.6.6") });
  await on.connect(gateway, { user: "ada", ...from("203.0.113.7") });
});
