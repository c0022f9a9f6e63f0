// Tests what happens to messages that are being sent when the connection ends, the room is released or the client is
// closed.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { Server } from "socket.io";
import { signToken } from "../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../testkit/gateway/gateway-settings.ts";
import type { TestGateway } from "../../server/test/support/gateway.ts";
import { stage } from "../../server/test/support/stage.ts";
import { clientsOn, eventually } from "./support.ts";

const on = stage();
const ada = (): Promise<string> => signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] });

const clientOf = clientsOn(on);
const cutUser = ({ gateway }: TestGateway, userId: string): void => {
  for (const { identity, engine } of gateway.connections.values()) if (identity?.userId === userId) engine.close(true);
};

/**
 * Simulates an older gateway, which does not know keys of messages. It refuses unknown fields, and closes the
 * connection instead of answering a message.
 */
async function olderGateway(): Promise<{ publicPort: number; payloads: unknown[] }> {
  const http = createServer();
  const io = new Server(http);
  const payloads: unknown[] = [];
  io.of("/messaging").on("connection", (socket) => {
    socket.emit("connected", { socketId: socket.id, userId: "ada" });
    socket.on("join_room", (_: unknown, ack: (answer: object) => void) => ack({ success: true }));
    socket.on("send_message", (payload: unknown) => {
      payloads.push(payload);
      socket.conn.close();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  on.defer(() => io.close());
  return { publicPort: (http.address() as AddressInfo).port, payloads };
}

describe("a message whose connection ends before its ack", () => {
  test.each(["0", "120"])("is sent again and arrives once with a window of %s s", async (RECOVERY_WINDOW_SECONDS) => {
    const { redis, gateways } = await on.cluster(1, { RECOVERY_WINDOW_SECONDS });
    const gateway = gateways[0]!;
    const bob = await on.connect(gateway, { user: "bob", namespace: "/messaging" });
    await bob.ask("join_room", { room: "team-7" });
    const room = clientOf(gateway).room("team-7");
    await room.send("first");
    // The gateway acknowledges a message after Redis has answered, so there is no ack while Redis is paused.
    redis.pause();
    const sending = room.send("second");
    if (RECOVERY_WINDOW_SECONDS !== "0")
      await eventually("bob to have the message", () => bob.all("message").length === 2);
    cutUser(gateway, "ada");
    redis.resume();
    const result = await sending;
    expect(result).toMatchObject({ ok: true, id: expect.any(String) });
    await bob.ask("send_message", { room: "team-7", message: "end" });
    await bob.next("message", ({ message }) => message === "end");
    expect(bob.all("message").map(({ message }) => message)).toEqual(["first", "second", "end"]);
    expect(bob.all("message")[1]).toMatchObject({ id: (result as { id: string }).id });
  });

  test("is not sent again when the gateway is older than keys", async () => {
    const gateway = await olderGateway();
    const result = await clientOf(gateway).room("team-7").send("hello");
    expect(result).toMatchObject({ ok: false, code: "OUTCOME_UNKNOWN" });
    expect(gateway.payloads).toEqual([{ room: "team-7", message: "hello" }]);
  });
});

describe("a volatile message", () => {
  test("is delivered, and is refused at once when the client is not in the room", async () => {
    const gateway = await on.gateway();
    const client = clientOf(gateway);
    const room = client.room("team-7");
    expect(await room.send("early", { volatile: true })).toMatchObject({ ok: false, code: "NOT_IN_ROOM" });
    const seen: unknown[] = [];
    room.on("message", ({ message }: { message: unknown }) => seen.push(message));
    await room.send("first");
    expect(await room.send("cursor", { volatile: true })).toMatchObject({ ok: true });
    expect(seen).toEqual(["first", "cursor"]);
  });
});

describe("a follower", () => {
  test("gets no event after its handle is released, even during a load", async () => {
    const gateway = await on.gateway();
    const client = clientOf(gateway);
    const [kept, released] = [client.room("team-7"), client.room("team-7")];
    const applied: unknown[] = [];
    const loading = Promise.withResolvers<void>();
    let loads = 0;
    const load = (): Promise<void> => {
      loads += 1;
      return loads === 1 ? Promise.resolve() : loading.promise;
    };
    const apply = (event: string): void => void applied.push(event);
    released.follow({ load, apply });
    await kept.send("one");
    await eventually("the first event", () => applied.length === 1);
    released.follow({ load, apply: () => applied.push("late") });
    await eventually("the second load", () => loads === 2);
    await kept.send("two");
    released.release();
    loading.resolve();
    await kept.send("three");
    expect(applied).toEqual(["message", "message"]);
  });

  test("gets an aborted signal when its next load has started, and when its handle is released", async () => {
    const gateway = await on.gateway();
    const client = clientOf(gateway);
    const room = client.room("team-7");
    const signals: AbortSignal[] = [];
    room.follow({
      load: (signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      apply: () => undefined,
    });
    await eventually("the first load", () => signals.length === 1);
    expect(signals[0]!.aborted).toBe(false);
    room.membership.gaps.emit();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    room.release();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

describe("a client that is closed while it fetches its token", () => {
  test("does not enter when another namespace keeps the connection open", async () => {
    const gateway = await on.gateway();
    const token = Promise.withResolvers<string>();
    const client = clientOf(gateway, { token: () => token.promise });
    const other = client.socket.io.socket("/events", { auth: { token: await ada() } });
    other.connect();
    on.defer(() => other.disconnect());
    await eventually("the other namespace to be connected", () => other.connected);
    client.close();
    token.resolve(await ada());
    await token.promise;
    await other.timeout(10_000).emitWithAck("join_room", { room: "team-7" });
    expect(gateway.gateway.io.of("/messaging").sockets.size).toBe(0);
  });
});
