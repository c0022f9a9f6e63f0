import type { Socket } from "socket.io";
import { EMPTY_MS, type Connection } from "../connections/connection.ts";
import { forgetHandshake } from "../edge/little-request.ts";
import { isLargeRoom } from "../protocol/presence.ts";
import { directEmit } from "./direct-emit.ts";
import { directEvents } from "./direct-events.ts";
import { EventIntake } from "./event-intake.ts";
import { SocketSession, type SessionDeps } from "./socket-session.ts";

/** Starts the session of an admitted client in one namespace. "first": the connection had no session before. */
export function startSession(deps: SessionDeps, connection: Connection, socket: Socket): "first" | "further" {
  const { live, nowMs } = deps;
  const { userId } = connection.identity!;
  connection.sockets.add(socket);
  connection.endsToEnter(socket.nsp.name);
  const isFirst = !connection.isSeated;
  connection.seatedAtMs ??= nowMs();
  connection.refusedUntilMs = undefined;
  const session = new SocketSession(deps, connection, socket);
  const intake = new EventIntake(deps, connection, socket, session);
  directEvents(socket, (args) => intake.receive(args));
  socket.on("disconnecting", () => {
    // The room named by its own id is always one of them.
    if (socket.rooms.size > 1) void leaveAll(deps, userId, socket, session);
  });
  socket.on("disconnect", () => {
    intake.end();
    connection.sockets.delete(socket);
    connection.emptyUntilMs = nowMs() + EMPTY_MS;
  });
  forgetHandshake(socket);
  directEmit(socket, "connected", {
    socketId: socket.id,
    userId,
    serverTime: new Date(nowMs()).toISOString(),
    limits: live.limits,
  });
  return isFirst ? "first" : "further";
}

// Its rooms are read before the adapter forgets them.
async function leaveAll(deps: SessionDeps, userId: string, socket: Socket, session: SocketSession): Promise<void> {
  const { ledger, counts, logger } = deps;
  const { nsp, id, rooms } = socket;
  for (const room of [...rooms].filter((name) => name !== id)) {
    try {
      const { participantCount } = await ledger.leaveRoom({ socketId: id, userId, namespace: nsp.name, room });
      if (!session.isKnownIn(room)) continue;
      if (isLargeRoom(participantCount)) counts.changed(nsp.name, room);
      else nsp.to(room).emit("user_left", { room, socketId: id, userId, participantCount });
    } catch (error) {
      logger.error({ err: error, socket: id }, "room could not be left");
    }
  }
}
