import { expect, test } from "@jest/globals";
import { until } from "../../lab/src/until.ts";
import { signToken } from "../../tools/up/token.ts";
import { JWT_SECRET } from "./support/gateway.ts";
import { stage } from "./support/stage.ts";
import { openWire } from "./support/wire.ts";

const on = stage();

test("a client that knocked just before the drain is closed, not refused: told by connect_error a stock client would stay away", async () => {
  const gateway = await on.gateway();
  const wire = await openWire(gateway);
  gateway.gateway.refuseNewcomers();
  wire.socket.send(`40/events,${JSON.stringify({ token: await signToken(JWT_SECRET, { sub: "ada" }) })}`);
  await wire.closed;
  expect(wire.received.filter((text) => text.startsWith("44"))).toEqual([]);
  expect(gateway.ledger.state().connections).toBe(0);
});

test("what is left at the deadline is closed at once", async () => {
  const gateway = await on.gateway({ DRAIN_CONNECTIONS_PER_SECOND: "1", DRAIN_TIMEOUT_SECONDS: "1" });
  const clients = await Promise.all(Array.from({ length: 20 }, (_, index) => on.connect(gateway, { user: `user-${index}` })));
  await gateway.stop();
  await until("all to have been closed", async () => clients.every(({ disconnects }) => disconnects[0] === "transport close"), 5_000, 5);
});

test.each(["websocket", "polling"])("a stock client over %s comes back at another gateway, with what was queued for it delivered first", async (transport) => {
  const env = { WS_TRANSPORTS: "websocket,polling" };
  const [old, next] = [await on.gateway(env), await on.gateway(env)];
  const ada = await on.connect(old, { options: { transports: [transport], reconnection: true, reconnectionDelay: 1 } });
  await ada.ask("join_room", { room: "team" });
  Object.assign(ada.socket.io, { uri: `http://127.0.0.1:${next.publicPort}` });
  const sent = Array.from({ length: 20 }, (_, index) => index);
  for (const message of sent) old.gateway.io.of("/events").to("team").emit("message", { message });
  await Promise.all([old.stop(), until("ada to be back", async () => ada.all("connected").length === 2, 10_000, 5)]);
  expect(ada.all("message").map(({ message }) => message)).toEqual(sent);
  expect(ada.all("server:draining")).toHaveLength(1);
  expect(next.ledger.state().connections).toBe(1);
});
