import type { Socket } from "socket.io";
import { fanoutOf } from "../broadcast/gateway-adapter.ts";
import { endingWith } from "../broadcast/encoded-event.ts";
import type { Connection } from "../connections/connection.ts";
import { tellMembers } from "../handlers/tell-members.ts";
import type { CloseReason } from "../protocol/close-reasons.ts";
import { isLargeRoom } from "../protocol/presence.ts";
import type { GoneReason } from "../recovery/gone/gone-session.ts";
import type { ClientSession } from "../recovery/client-session.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { replayed, type Arrival } from "../recovery/returning/returning-client.ts";
import { directEmit } from "./direct-emit.ts";
import type { SessionPresence } from "./session-presence.ts";
import type { SessionDeps, SocketSession } from "./socket-session.ts";

/** Close reasons that end the session, so a client that reconnects gets a new one. */
const ENDED: ReadonlySet<CloseReason | undefined> = new Set<CloseReason>(["REVOKED", "DISCONNECTED", "HANDLER"]);

interface Arriving {
  socket: Socket;
  session: SocketSession;
  arrival: Arrival;
  connected: object;
}

/**
 * Enters a client into its session: sends `connected`, sends the missed messages, and joins the rooms. All of it
 * happens without a pause, so that no newer message is sent between these messages.
 */
export function arrive(
  { recovery, counts: roomCounts }: SessionDeps,
  { socket, session, arrival, connected }: Arriving,
): void {
  const { session: held, isRecovered: recovered, lostRooms, missed, offsetText, counts } = arrival;
  directEmit(socket, "connected", { ...connected, recovered, missed: missed.length, lostRooms }, offsetText);
  const fanout = fanoutOf(socket.nsp);
  for (const { text, offset } of replayed(arrival, recovery.log)) fanout.send(socket.id, endingWith(text, offset));
  if (held.rooms.size > 0) void socket.join([...held.rooms.keys()]);
  if (!recovered) return;
  // Send the present counts of some rooms. The missed messages do not contain the counts of large rooms, and no counts
  // that changed because this client left and now joins again.
  for (const [room, participantCount] of counts)
    if (held.hasLeft || isLargeRoom(participantCount)) roomCounts.returned(held.namespace, room, socket.id);
  if (!held.hasLeft) return;
  held.hasLeft = false;
  recovery.sessions.changed(held);
  for (const [room, count] of counts) if (session.isKnownIn(room)) tellMembers(session, "user_joined", room, count);
}

/**
 * Who ended the session: the client ("left") or the gateway ("ended"). Undefined if only the connection has ended. In
 * this case, the client can return to the session.
 */
export function endBy(reason: string, { closeReason }: Connection): GoneReason | undefined {
  if (reason === "client namespace disconnect") return "left";
  return reason === "server namespace disconnect" || ENDED.has(closeReason) ? "ended" : undefined;
}

interface Kept {
  connection: Connection;
  socket: Socket;
  session: ClientSession;
}

/** Keeps the session after its connection has ended, unless the client or the gateway has ended the session. */
export function keepSession({ sessions, gone }: Recovery, presence: SessionPresence, kept: Kept): void {
  const { connection, socket, session } = kept;
  let isKept = true;
  session.onOver = (how) => {
    if (how === "turned off") return void (isKept = false);
    if (how === "ended") return void presence.leave(session, "aloud");
    // Do not send a DISCONNECT before: it would tell a client that moves by itself to stay away.
    connection.close("TAKEN_OVER");
    if (how === "taken elsewhere") void presence.leave(session, "quietly");
  };
  socket.on("disconnecting", (reason) => {
    const end = endBy(reason, connection);
    if (!isKept) {
      const { userId, namespace, socketId, hash, rooms } = session;
      gone.leftUnkept({ userId, namespace, socketId, sessionId: hash, rooms: [...rooms.keys()] }, end ?? "timeout");
      return void presence.leave(session, "aloud");
    }
    if (end === undefined) presence.away(session);
    else sessions.end(session, end);
  });
}
