// What clients saw, and whether it keeps the promises of docs/protocol.md "Delivery". The judge is a pure function, so
// that a test can plant a loss, a duplicate or a disorder and see it found.

/** One message that a publisher sent. `k` counts the messages of one publisher to one room, from 1. */
export interface Publication {
  publisher: string;
  room: string;
  k: number;
  /** Ticks of the test's one clock: when it was sent, and when its answer came. */
  sentAt: number;
  /** stored: acknowledged and kept. delivered: acknowledged, kept nowhere else. unknown: no answer came. */
  outcome: "stored" | "delivered" | "unknown";
}

/** What one client saw, in its order. Ticks are of the same clock as the publications'. */
export type Observation =
  | { type: "joined"; at: number; room: string }
  | { type: "left"; at: number; room: string }
  | { type: "connected"; at: number; isRecovered: boolean; lostRooms: readonly string[] }
  | { type: "received"; at: number; room: string; publisher: string; k: number };

export interface History {
  publications: readonly Publication[];
  clients: ReadonlyMap<string, readonly Observation[]>;
}

export interface Fault {
  kind: "lost" | "doubled" | "disordered";
  client: string;
  room: string;
  publisher: string;
  k: number;
}

export interface Judgement {
  faults: Fault[];
  recoveries: number;
  /** Reconnects after which the client was told that it was not recovered. */
  fresh: number;
  judged: number;
}

/**
 * Judges every client on its own. A message is due when it is stored and was sent while the client's stay in the room
 * was whole.
 */
export function judge({ publications, clients }: History): Judgement {
  const byRoom = new Map<string, Publication[]>();
  for (const publication of publications) {
    const others = byRoom.get(publication.room);
    if (others === undefined) byRoom.set(publication.room, [publication]);
    else others.push(publication);
  }
  const judgement: Judgement = { faults: [], recoveries: 0, fresh: 0, judged: 0 };
  for (const [client, observations] of clients) judgeClient(client, observations, byRoom, judgement);
  return judgement;
}

/** From entering a room until leaving it, or until a reconnect that did not recover it. */
interface Stay {
  room: string;
  since: number;
  received: Set<string>;
  /** Of each publisher, the highest number received. */
  last: Map<string, number>;
}

function judgeClient(
  client: string,
  observations: readonly Observation[],
  byRoom: ReadonlyMap<string, readonly Publication[]>,
  judgement: Judgement,
): void {
  const stays = new Map<string, Stay>();
  const seen = new Set<string>();
  const fault = (kind: Fault["kind"], { room, publisher, k }: Omit<Fault, "kind" | "client">): void =>
    void judgement.faults.push({ kind, client, room, publisher, k });
  const end = (room: string, isWhole: boolean): void => {
    const stay = stays.get(room);
    if (stay === undefined) return;
    stays.delete(room);
    for (const { publisher, k } of missing(stay, byRoom.get(room) ?? [], isWhole))
      fault("lost", { room, publisher, k });
  };
  let isFirst = true;
  for (const observation of observations) {
    if (observation.type === "joined") startStay(stays, observation);
    else if (observation.type === "left") end(observation.room, false);
    else if (observation.type === "connected") {
      if (!isFirst) judgement[observation.isRecovered ? "recoveries" : "fresh"] += 1;
      isFirst = false;
      const ended = observation.isRecovered ? observation.lostRooms : [...stays.keys()];
      for (const room of [...ended]) end(room, false);
      // It begins again: what its gateway gets late it may have had from another one before.
      if (!observation.isRecovered) seen.clear();
    } else {
      judgement.judged += 1;
      for (const kind of receive(observation, seen, stays.get(observation.room))) fault(kind, observation);
    }
  }
  for (const room of [...stays.keys()]) end(room, true);
}

/** A client that is in the room already and asks again has not left in between. */
function startStay(stays: Map<string, Stay>, { room, at: since }: { room: string; at: number }): void {
  if (!stays.has(room)) stays.set(room, { room, since, received: new Set(), last: new Map() });
}

/** Records a message and returns what is wrong with it. */
function receive(
  { room, publisher, k }: { room: string; publisher: string; k: number },
  seen: Set<string>,
  stay: Stay | undefined,
): Fault["kind"][] {
  const faults: Fault["kind"][] = [];
  const id = `${room} ${publisher} ${k}`;
  if (seen.has(id)) faults.push("doubled");
  seen.add(id);
  if (stay === undefined) return faults;
  const last = stay.last.get(publisher) ?? 0;
  if (last > k) faults.push("disordered");
  stay.received.add(`${publisher} ${k}`);
  stay.last.set(publisher, Math.max(last, k));
  return faults;
}

/**
 * What a stay should have received and did not. Of a stay that was cut off, what came after the last message received
 * is not claimed; of one that is whole to the end, everything is.
 */
function missing(stay: Stay, publications: readonly Publication[], isWhole: boolean): Publication[] {
  return publications.filter(
    ({ publisher, k, sentAt, outcome }) =>
      outcome === "stored" &&
      sentAt > stay.since &&
      !stay.received.has(`${publisher} ${k}`) &&
      (isWhole || k < (stay.last.get(publisher) ?? 0)),
  );
}
