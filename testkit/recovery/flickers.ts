import type { Fault, Observation } from "./history.ts";

/** For one socket and one room: when the client asked to join the room, and when it asked to leave it. */
interface Allowed {
  joins: number[];
  leaves: number[];
}

/** Finds wrong announcements: user_joined or user_left of a member that did neither, but had only reconnected. */
export function flickers(clients: ReadonlyMap<string, readonly Observation[]>): Fault[] {
  const allowed = new Map<string, Allowed>();
  /**
   * Ids of sockets whose clients reconnected and were not recovered. The other members may be told that these have
   * left.
   */
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
      // Allow user_left from the beginning (time 0): other members may receive it before this client learns that it
      // lost the room.
      for (const room of observation.lostRooms) of(room).leaves.push(0);
    } else if (observation.type === "asked") {
      const { at, to, room } = observation;
      (to === "join" ? of(room).joins : of(room).leaves).push(at);
    }
  }
}
