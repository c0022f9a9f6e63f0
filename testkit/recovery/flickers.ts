import type { Fault, Observation } from "./history.ts";

/** The times at which a socket asked to join a room, and to leave it. */
interface Allowed {
  joins: number[];
  leaves: number[];
}

/** Finds announcements about members that neither joined nor left at that time: they had only reconnected. */
export function flickers(clients: ReadonlyMap<string, readonly Observation[]>): Fault[] {
  const allowed = new Map<string, Allowed>();
  /** Sockets whose clients were not recovered. For the other members these sockets have left. */
  const over = new Set<string>();
  for (const observations of clients.values()) record(observations, allowed, over);
  const faults: Fault[] = [];
  for (const [client, observations] of clients) {
    const counts = new Map<string, number>();
    for (const observation of observations) {
      if (observation.type !== "sighted") continue;
      const { at, what, room, socketId } = observation;
      const of = allowed.get(`${socketId} ${room}`);
      if (of === undefined) continue;
      const count = (counts.get(`${what} ${socketId} ${room}`) ?? 0) + 1;
      counts.set(`${what} ${socketId} ${room}`, count);
      const causes = (what === "user_joined" ? of.joins : of.leaves).filter((cause) => cause < at).length;
      const isLate = what === "user_left" && over.has(socketId) ? 1 : 0;
      if (count > causes + isLate)
        faults.push({ kind: "flicker", client, at, room, publisher: `${what} ${socketId}`, k: 0 });
    }
  }
  return faults;
}

function record(observations: readonly Observation[], allowed: Map<string, Allowed>, over: Set<string>): void {
  let socketId = "";
  const of = (room: string): Allowed => {
    const key = `${socketId} ${room}`;
    const known = allowed.get(key) ?? { joins: [], leaves: [] };
    allowed.set(key, known);
    return known;
  };
  for (const observation of observations) {
    if (observation.type === "connected") {
      if (!observation.isRecovered && socketId !== "") over.add(socketId);
      socketId = observation.socketId;
      // Allow the announcement from the start: the other members may get it before the client knows.
      for (const room of observation.lostRooms) of(room).leaves.push(0);
    } else if (observation.type === "asked") {
      const { at, to, room } = observation;
      (to === "join" ? of(room).joins : of(room).leaves).push(at);
    }
  }
}
