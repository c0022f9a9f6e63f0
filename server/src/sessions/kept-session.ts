import type { Socket } from "socket.io";
import { fanoutOf } from "../broadcast/gateway-adapter.ts";
import { endingWith } from "../broadcast/encoded-event.ts";
import type { Connection } from "../connections/connection.ts";
import { tellMembers } from "../handlers/tell-members.ts";
import type { CloseReason } from "../protocol/close-reasons.ts";
import type { ClientSession } from "../recovery/client-session.ts";
import { replayed } from "../recovery/returning-client.ts";
import type { Arrival } from "../recovery/returning-client.ts";
import { directEmit } from "./direct-emit.ts";
import type { SessionDeps, SocketSession } from "./socket-session.ts";

/** What Socket.IO says when one side has left the namespace for good. */
const LEFT: ReadonlySet<string> = new Set(["client namespace disconnect", "server namespace disconnect"]);
/** Whoever is closed for these begins again. */
const ENDED: ReadonlySet<CloseReason | undefined> = new Set<CloseReason>(["REVOKED", "DISCONNECTED"]);

interface Arriving {
  socket: Socket;
  session: SocketSession;
  arrival: Arrival;
  connected: object;
}

/** But the one named by its own id. Read before the adapter forgets them. */
export function roomsOf({ rooms, id }: Socket): string[] {
  return [...rooms].filter((room) => room !== id);
}

/** Tells the client how it has entered, then what it missed, and puts it into its rooms: all in one turn, so that nothing newer comes between. */
export function arrive({ recovery }: SessionDeps, { socket, session, arrival, connected }: Arriving): void {
  const { session: held, isRecovered: recovered, lostRooms, missed, offsetText, counts } = arrival;
  directEmit(socket, "connected", { ...connected, recovered, missed: missed.length, lostRooms }, offsetText);
  const fanout = fanoutOf(socket.nsp);
  for (const { text, offset } of replayed(arrival, recovery!.log))
    fanout.send(socket.id, endingWith(text.toString(), offset));
  if (held.rooms.size > 0) void socket.join([...held.rooms.keys()]);
  if (!recovered || !held.hasLeft) return;
  held.hasLeft = false;
  for (const [room, count] of counts) if (session.isKnownIn(room)) tellMembers(session, "user_joined", room, count);
}

interface Kept {
  connection: Connection;
  socket: Socket;
  session: ClientSession;
  leave: (rooms: readonly string[], manner: "aloud" | "quietly") => void;
}

/** Keeps a session when its connection ends: the others hear that the client has left when it has not returned within the grace. */
export function keepSession({ recovery }: SessionDeps, { connection, socket, session, leave }: Kept): void {
  const { sessions, graceMs } = recovery!;
  session.onTaken = (where) => {
    const rooms = roomsOf(socket);
    socket.disconnect();
    connection.close("TAKEN_OVER");
    if (where === "elsewhere") leave(rooms, "quietly");
  };
  socket.on("disconnecting", (reason) => {
    if (session.state === "over") return;
    const rooms = roomsOf(socket);
    if (LEFT.has(reason) || ENDED.has(connection.closeReason)) {
      sessions.end(session);
      return leave(rooms, "aloud");
    }
    sessions.away(session);
    const timer = setTimeout(() => {
      session.onTaken = () => undefined;
      session.hasLeft = true;
      sessions.changed(session);
      leave(rooms, "aloud");
    }, graceMs());
    timer.unref();
    session.onTaken = (where) => {
      clearTimeout(timer);
      if (where === "elsewhere") leave(rooms, "quietly");
    };
  });
}
