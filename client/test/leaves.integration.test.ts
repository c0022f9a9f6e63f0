// Tests that a client which leaves a room is not in the room after it was recovered.
import { expect, test } from "@jest/globals";
import { until } from "../../testkit/until.ts";
import { callApi } from "../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../../server/test/support/gateway.ts";
import { stage } from "../../server/test/support/stage.ts";
import type { Realtime } from "../src/realtime.ts";
import { clientsOn, eventually } from "./support.ts";

const on = stage();
const clientOf = clientsOn(on);

const presence = async (gateway: TestGateway, room: string): Promise<unknown> =>
  (await callApi(gateway, `/api/presence?namespace=/messaging&room=${room}`)).body["participantCount"];

/** A gateway, and a client of which it is told whether each connection was recovered. */
async function stageOf(): Promise<{ gateway: TestGateway; ada: Realtime; recovered: unknown[] }> {
  const { gateways } = await on.cluster(1, { RECOVERY_WINDOW_SECONDS: "120" });
  const gateway = gateways[0]!;
  const ada = clientOf(gateway);
  const recovered: unknown[] = [];
  ada.socket.on("connected", ({ recovered: one }: { recovered?: boolean }) => recovered.push(one));
  await eventually("ada to be connected", () => recovered.length === 1);
  return { gateway, ada, recovered };
}

/** Stops reading from the clients. `cut` ends their connections, and what the gateway has not read is lost. */
function stopReading({ gateway }: TestGateway): { cut: () => void } {
  const connections = [...gateway.connections.values()];
  for (const connection of connections) connection.hold();
  return { cut: () => connections.forEach((connection) => connection.engine.close(true)) };
}

/** Counts the packets that the client sends from now on. */
function sends({ socket }: Realtime): () => number {
  let count = 0;
  socket.io.engine.on("packetCreate", () => (count += 1));
  return () => count;
}

test("a client is not in a room when its request to leave was lost with the connection", async () => {
  const { gateway, ada, recovered } = await stageOf();
  const [left, kept] = [ada.room("left"), ada.room("kept")];
  await eventually("both rooms", () => left.membership.isMember && kept.membership.isMember);
  const reading = stopReading(gateway);
  const sent = sends(ada);
  left.release();
  await eventually("the request to leave", () => sent() === 1);
  reading.cut();
  await eventually("the recovery", () => recovered.length === 2);
  await until("ada to have left", async () => (await presence(gateway, "left")) === 0, 10_000, 5);
  expect(recovered).toEqual([false, true]);
  expect(await presence(gateway, "kept")).toBe(1);
});

test("a client is in the room when it has requested it again after a lost request to leave", async () => {
  const { gateway, ada, recovered } = await stageOf();
  const first = ada.room("team-7");
  await eventually("the room", () => first.membership.isMember);
  const reading = stopReading(gateway);
  const sent = sends(ada);
  first.release();
  await eventually("the request to leave", () => sent() === 1);
  const second = ada.room("team-7");
  reading.cut();
  await eventually("the recovery", () => recovered.length === 2);
  expect(await second.send("hello")).toMatchObject({ ok: true });
  expect(await presence(gateway, "team-7")).toBe(1);
});

test("a client is not in a room that it has released when the answer to its join was lost", async () => {
  const { gateway, ada, recovered } = await stageOf();
  const { ws } = ada.socket.io.engine.transport as unknown as { ws: { pause(): void } };
  ws.pause();
  const left = ada.room("left");
  await until("ada to be in the room", async () => (await presence(gateway, "left")) === 1, 10_000, 5);
  left.release();
  ada.socket.io.engine.close();
  await eventually("the recovery", () => recovered.length === 2);
  await until("ada to have left", async () => (await presence(gateway, "left")) === 0, 10_000, 5);
  expect(recovered).toEqual([false, true]);
});
