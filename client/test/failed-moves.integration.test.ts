// Tests what a client does when something goes wrong while it moves to another gateway.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@jest/globals";
import { Server } from "socket.io";
import { signToken } from "../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../testkit/gateway/gateway-settings.ts";
import { callApi } from "../../testkit/gateway/gateway-api.ts";
import { handlersEnvironment, startAppServer } from "../../server/test/handlers/app-server.ts";
import type { TestGateway } from "../../server/test/support/gateway.ts";
import { stage } from "../../server/test/support/stage.ts";
import { clientsOn, eventually } from "./support.ts";

const on = stage();
const clientOf = clientsOn(on);

const token = (): Promise<string> => signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] });

/** Two gateways behind a balancer, and a client that is connected to the first one and in a room. */
async function fleet(env: Record<string, string> = {}) {
  const { gateways } = await on.cluster(2, { DRAIN_TIMEOUT_SECONDS: "60", RATE_LIMIT_PER_MINUTE: "100000", ...env });
  const [old, staying] = gateways as [TestGateway, TestGateway];
  const balancer = await on.balancer([old]);
  // The longest wait before a second attempt.
  const client = clientOf(balancer, { random: () => 1 });
  const disconnects: string[] = [];
  client.socket.on("disconnect", (reason) => disconnects.push(reason));
  const room = client.room("team-7");
  await eventually("the room to be entered", () => room.membership.isMember);
  return { old, staying, balancer, client, disconnects, room };
}

/** A gateway that never answers a CONNECT. So a move to it goes on until the client gives up. */
async function silentGateway(): Promise<{ publicPort: number; connects: () => number }> {
  const http = createServer();
  const io = new Server(http);
  let connects = 0;
  io.of("/messaging").use(() => void (connects += 1));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  on.defer(() => io.close());
  return { publicPort: (http.address() as AddressInfo).port, connects: () => connects };
}

/** Stops reading from the client's present connection. `resume` reads on. */
function pauseConnection({ socket }: ReturnType<typeof clientOf>): { resume: () => void } {
  const { ws } = socket.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } };
  ws.pause();
  return ws;
}

test("a client reconnects when the end of its first connection comes after its move has failed", async () => {
  const { old, staying, balancer, client, room } = await fleet();
  const paused: { resume: () => void }[] = [];
  let isMoving = false;
  const authOf = async (): Promise<object> => {
    if (!isMoving || paused.length > 0) return { movesItself: true, token: await token() };
    // The session in /messaging moves, and /events is refused. So the move fails after the first session has moved.
    paused.push(pauseConnection(client));
    await eventually("the session to have moved", () => old.gateway.connections.size === 0);
    return { token: "not a token" };
  };
  const auth = (give: (auth: object) => void): void => void authOf().then(give);
  const other = client.socket.io.socket("/events", { auth });
  other.connect();
  await eventually("the other namespace", () => other.connected);
  balancer.serve([staying.publicPort]);
  isMoving = true;
  const left = old.stop();
  await eventually("the session to have moved", () => old.gateway.connections.size === 0);
  await eventually("the move to fail", () => staying.gateway.connections.size === 0);
  paused[0]!.resume();
  await left;
  expect(await room.send("hello")).toMatchObject({ ok: true });
  await eventually("both namespaces to be connected", () => client.socket.connected && other.connected);
  expect(client.status).toEqual({ state: "live" });
});

test("a client that a handler disconnects during its move stays away, and its status says so", async () => {
  const app = await startAppServer();
  on.defer(() => app.stop());
  const env = handlersEnvironment({ name: "orders", url: app.url, events: ["order:*"] });
  const { old, staying, balancer, client, disconnects } = await fleet(env);
  const answer = Promise.withResolvers<object>();
  app.answer(() => answer.promise);
  client.socket.emit("order:leave", {});
  await eventually("the request to the handler", () => app.got.length === 1);
  const silent = await silentGateway();
  balancer.serve([silent.publicPort]);
  const left = old.stop();
  await eventually("the move to begin", () => silent.connects() === 1);
  answer.resolve({ do: [{ disconnect: { reconnect: false } }] });
  await eventually("the disconnect", () => disconnects.length === 1);
  expect(disconnects).toEqual(["io server disconnect"]);
  expect(client.status).toMatchObject({ state: "refused", refusal: { code: "FORBIDDEN" } });
  await left;
  balancer.serve([staying.publicPort]);
  client.connect();
  await eventually("the client to be live after connect()", () => client.status.state === "live");
});

test("the application gets the event `error` when the token is revoked during the move", async () => {
  const { old, balancer, client } = await fleet();
  const errors: { code: string }[] = [];
  client.socket.on("error", (refusal: { code: string }) => errors.push(refusal));
  const silent = await silentGateway();
  balancer.serve([silent.publicPort]);
  const left = old.stop();
  await eventually("the move to begin", () => silent.connects() === 1);
  await callApi(old, "/api/revoke", { body: { userId: "ada" } });
  await eventually("the event", () => errors.length > 0);
  expect(errors).toMatchObject([{ code: "UNAUTHENTICATED" }]);
  await left;
});
