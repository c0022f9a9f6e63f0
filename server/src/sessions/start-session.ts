import type { Socket } from "socket.io";
import { EMPTY_MS, type Connection } from "../connections/connection.ts";
import { forgetHandshake } from "../edge/little-request.ts";
import { isLargeRoom } from "../protocol/presence.ts";
import { arrive, keepSession, roomsOf } from "./kept-session.ts";
import { arrivalOf } from "./quick-socket.ts";
import { directEmit } from "./direct-emit.ts";
import { directEvents } from "./direct-events.ts";
import { EventIntake } from "./event-intake.ts";
import { SocketSession, type SessionDeps } from "./socket-session.ts";

/** Starts an admitted client's session in one namespace. "first": the connection had no session before. */
export function startSession(deps: SessionDeps, connection: Connection, socket: Socket): "first" | "further" {
  const { live, nowMs } = deps;
  const { userId } = connection.identity!;
  connection.sockets.add(socket);
  connection.endsToEnter(socket.nsp.name);
  const isFirst = !connection.isSeated;
  connection.seatedAtMs ??= nowMs();
  connection.refusedUntilMs = undefined;
  const arrival = arrivalOf(socket);
  const session = new SocketSession(deps, connection, socket, arrival?.session);
  const intake = new EventIntake(deps, connection, socket, session);
  directEvents(socket, (args) => intake.receive(args));
  const leave = (rooms: readonly string[], manner: "aloud" | "quietly"): void => {
    if (rooms.length > 0) void leaveRooms(deps, { userId, socket, session }, rooms, manner);
  };
  if (arrival !== undefined) keepSession(deps, { connection, socket, session: arrival.session, leave });
  else socket.on("disconnecting", () => leave(roomsOf(socket), "aloud"));
  socket.on("disconnect", () => {
    intake.end();
    connection.sockets.delete(socket);
    connection.emptyUntilMs = nowMs() + EMPTY_MS;
  });
  forgetHandshake(socket);
  const connected = { socketId: socket.id, userId, serverTime: new Date(nowMs()).toISOString(), limits: live.limits };
  if (arrival === undefined) directEmit(socket, "connected", connected);
  else arrive(deps, { socket, session, arrival, connected });
  return isFirst ? "first" : "further";
}

async function leaveRooms(
  deps: SessionDeps,
  { userId, socket, session }: { userId: string; socket: Socket; session: SocketSession },
  rooms: readonly string[],
  manner: "aloud" | "quietly",
): Promise<void> {
  const { ledger, counts, logger } = deps;
  const { nsp, id } = socket;
  for (const room of rooms) {
    try {
      const { participantCount } = await ledger.leaveRoom({ socketId: id, userId, namespace: nsp.name, room });
      if (manner === "quietly" || !session.isKnownIn(room)) continue;
      if (isLargeRoom(participantCount)) counts.changed(nsp.name, room);
      else nsp.to(room).emit("user_left", { room, socketId: id, userId, participantCount });
    } catch (error) {
      logger.error({ err: error, socket: id }, "room could not be left");
    }
  }
}
