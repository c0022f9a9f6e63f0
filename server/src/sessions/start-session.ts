import type { Socket } from "socket.io";
import { applyCommands } from "../app-handlers/apply-commands.ts";
import type { Command } from "../app-handlers/handler-answer.ts";
import { EMPTY_MS, type Connection } from "../connections/connection.ts";
import { forgetHandshake } from "../edge/little-request.ts";
import { features, type Connected } from "../protocol/server-events.ts";
import { arrive, endBy, keepSession } from "./kept-session.ts";
import { takeArrival } from "./quick-socket.ts";
import { directEmit } from "./direct-emit.ts";
import { directEvents } from "./direct-events.ts";
import { takeConnectCommands } from "./events/connect-hook.ts";
import { EventIntake } from "./events/event-intake.ts";
import { leaveRooms } from "./session-presence.ts";
import { SocketSession, type SessionDeps } from "./socket-session.ts";

/** Whether the client moves by itself in this namespace, and in those in which the connection is already. */
function movesItself({ handshake }: Socket, connection: Connection | undefined): boolean {
  return handshake.auth["movesItself"] === true && connection?.movesItself !== false;
}

/**
 * Starts the session of an admitted client in a namespace. Returns "first" if it is the first session of this
 * connection.
 */
export function startSession(deps: SessionDeps, connection: Connection, socket: Socket): "first" | "further" {
  const { live, nowMs, recovery, presence } = deps;
  const { userId } = connection.identity!;
  connection.sockets.add(socket);
  connection.endsToEnter(socket.nsp.name);
  const isFirst = !connection.isSeated;
  connection.seatedAtMs ??= nowMs();
  connection.refusedUntilMs = undefined;
  const arrival = takeArrival(socket);
  connection.isRecoverable = arrival !== undefined;
  connection.movesItself = arrival !== undefined && movesItself(socket, isFirst ? undefined : connection);
  if (arrival?.isReturning === true) connection.returnedAtMs ??= nowMs();
  const session = new SocketSession(deps, connection, socket, arrival?.session);
  const intake = new EventIntake(deps, connection, socket, session);
  directEvents(socket, (args) => intake.receive(args));
  if (arrival !== undefined) keepSession(recovery, presence, { connection, socket, session: arrival.session });
  else
    socket.on("disconnecting", (reason) => {
      const { socketId, namespace } = session;
      const rooms = [...socket.rooms].filter((room) => room !== socketId);
      const client = { userId: session.identity.userId, namespace, socketId, sessionId: socketId, rooms };
      recovery.gone.leftUnkept(client, endBy(reason, connection) ?? "timeout");
      void leaveAllRooms(deps, socket, session);
    });
  socket.on("disconnect", () => {
    intake.end();
    connection.sockets.delete(socket);
    connection.emptyUntilMs = nowMs() + EMPTY_MS;
  });
  forgetHandshake(socket);
  const serverTime = new Date(nowMs()).toISOString();
  const connected: Connected = { socketId: socket.id, userId, serverTime, limits: live.limits, features };
  if (arrival === undefined) directEmit(socket, "connected", connected);
  else {
    arrive(deps, { socket, session, arrival, connected });
    deps.moved.arrived(arrival.session, session);
  }
  // Most clients have no commands, and need no promise.
  const commands = takeConnectCommands(socket);
  if (commands.length > 0) void begin(deps, session, commands);
  return isFirst ? "first" : "further";
}

/** Applies the commands of the application's answer to CONNECT. */
async function begin({ logger }: SessionDeps, session: SocketSession, commands: readonly Command[]): Promise<void> {
  try {
    const { disconnect } = await applyCommands(session, commands);
    if (disconnect !== undefined) session.disconnect(disconnect);
  } catch (error) {
    logger.error({ err: error, socket: session.socketId }, "commands of a handler could not be applied to the client");
  }
}

/**
 * Leaves all rooms of a client. Copies the list of rooms first, because the adapter clears it when the client
 * disconnects.
 */
async function leaveAllRooms(deps: SessionDeps, { id, nsp, rooms }: Socket, session: SocketSession): Promise<void> {
  const left = [...rooms].filter((room) => room !== id).map((room) => ({ room, isTold: session.isKnownIn(room) }));
  const member = { socketId: id, userId: session.identity.userId, namespace: nsp.name };
  await leaveRooms({ ...deps, namespaceOf: () => nsp }, member, left, { onEveryNode: false });
}
