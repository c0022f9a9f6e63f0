import type { Socket } from "socket.io";
import { directEmit } from "./direct-emit.ts";
import { directEvents } from "./direct-events.ts";
import { isLargeRoom } from "../protocol/presence.ts";
import type { Connection } from "../connections/connection.ts";
import { EventIntake } from "./event-intake.ts";
import { forgetHandshake } from "../edge/little-request.ts";
import { SocketSession } from "./socket-session.ts";
import type { SessionParts } from "./socket-session.ts";

export interface WelcomeParts {
  parts: SessionParts;
  /** A connection has entered its first namespace. */
  onSeated: (connection: Connection) => void;
}

/** Begins a client's session in a namespace it was let into, and says so; what it holds there is given back when it leaves. */
export function welcome({ parts, onSeated }: WelcomeParts, connection: Connection, socket: Socket): void {
  const { live, nowMs } = parts;
  const { userId } = connection.identity!;
  connection.sockets.add(socket);
  connection.ends(socket.nsp.name);
  if (!connection.isSeated) {
    connection.isSeated = true;
    onSeated(connection);
  }
  const session = new SocketSession(parts, connection, socket);
  const intake = new EventIntake(parts, connection, socket, session);
  directEvents(socket, (args) => intake.receive(args));
  socket.on("disconnecting", () => {
    // Its own room is one of them.
    if (socket.rooms.size > 1) void leaveAll(parts, userId, socket, session);
  });
  socket.on("disconnect", () => {
    intake.end();
    connection.sockets.delete(socket);
    connection.emptySinceMs = nowMs();
  });
  forgetHandshake(socket);
  directEmit(socket, "connected", {
    socketId: socket.id,
    userId,
    serverTime: new Date(nowMs()).toISOString(),
    limits: live.limits,
  });
}

// The rooms are read before the adapter forgets them.
async function leaveAll(
  { ledger, counts, logger }: SessionParts,
  userId: string,
  { nsp, id, rooms }: Socket,
  session: SocketSession,
): Promise<void> {
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
