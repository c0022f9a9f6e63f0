import type { Fault, FaultKind, Judgement, Observation, Observed, Outage, Publication } from "./history.ts";

/**
 * The time in which a client counts as a member of a room. It starts when the client asks to join. It ends when the
 * client has left, or when it reconnects without recovery.
 */
interface Stay {
  askedAt: number;
  /** The time of the answer to the join; Infinity before that. The client must get messages that are sent later. */
  joinedAt: number;
  /** The time when the client asked to leave. It need not get messages that are sent later. */
  leavingAt: number;
  /** True when the client had certainly left the room before, or had never been in it. */
  isClean: boolean;
  received: Set<string>;
  /** Publisher → the highest number that the client received. */
  last: Map<string, number>;
}

export interface RoomPublications {
  list: Publication[];
  /** "publisher k" → the publication. */
  byStamp: Map<string, Publication>;
}

type Stamp = Pick<Publication, "room" | "publisher" | "k">;

/**
 * Judges one client. Messages are compared over the client's whole life, so a message that comes again after a
 * reconnect without recovery is also doubled: such a client gets no replay, and a late message is delivered once.
 */
export class ClientJudge {
  readonly #client: string;
  readonly #byRoom: ReadonlyMap<string, RoomPublications>;
  readonly #outages: readonly Outage[];
  readonly #judgement: Judgement = { faults: [], recoveries: 0, fresh: 0, judged: 0 };
  readonly #stays = new Map<string, Stay>();
  /** Rooms for which it is unknown whether the client is a member, because an answer was lost. */
  readonly #unsure = new Set<string>();
  readonly #seen = new Set<string>();
  /** "room publisher" → the highest number that the client received since its last reconnect without recovery. */
  #newest = new Map<string, number>();
  #isFirst = true;

  constructor(client: string, byRoom: ReadonlyMap<string, RoomPublications>, outages: readonly Outage[]) {
    this.#client = client;
    this.#byRoom = byRoom;
    this.#outages = outages;
  }

  judge(observations: readonly Observation[]): Judgement {
    for (const observation of observations) this.#observe(observation);
    for (const [room, stay] of this.#stays) this.#claim(room, stay, stay.leavingAt === Infinity);
    return this.#judgement;
  }

  #observe(observation: Observation): void {
    switch (observation.type) {
      case "connected":
        return this.#connected(observation);
      case "asked":
        return observation.to === "join" ? this.#asksToJoin(observation) : this.#asksToLeave(observation);
      case "answered":
        return observation.to === "join" ? this.#joined(observation) : this.#left(observation.room);
      case "refused":
        return this.#fault("refused", observation.at, { room: observation.room, publisher: observation.code, k: 0 });
      case "received":
        return this.#received(observation);
      case "sighted":
        return;
    }
  }

  #connected({ at, isRecovered, lostRooms }: Observed<"connected">): void {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isRecovered) {
      this.#judgement.recoveries += 1;
      for (const room of lostRooms) this.#left(room);
      return;
    }
    for (const [room, stay] of this.#stays) this.#claim(room, stay, false);
    this.#stays.clear();
    this.#unsure.clear();
    this.#newest = new Map();
    if (isFirst) return;
    this.#judgement.fresh += 1;
    if (!this.#outages.some(({ from, to }) => from < at && at < to))
      this.#fault("unrecovered", at, { room: "", publisher: "", k: 0 });
  }

  #asksToJoin({ at, room }: Observed<"asked">): void {
    // A member that asks to join again has not left in between.
    if (this.#stays.get(room)?.leavingAt === Infinity) return;
    const isClean = !this.#unsure.has(room) && !this.#stays.has(room);
    this.#end(room);
    this.#stays.set(room, {
      ...{ askedAt: at, joinedAt: Infinity, leavingAt: Infinity, isClean },
      ...{ received: new Set(), last: new Map() },
    });
  }

  #joined({ at, room }: Observed<"answered">): void {
    const stay = this.#stays.get(room);
    if (stay !== undefined && stay.joinedAt === Infinity) stay.joinedAt = at;
    this.#unsure.delete(room);
  }

  #asksToLeave({ at, room }: Observed<"asked">): void {
    const stay = this.#stays.get(room);
    if (stay !== undefined) stay.leavingAt = Math.min(stay.leavingAt, at);
    this.#unsure.add(room);
  }

  #left(room: string): void {
    this.#end(room);
    this.#unsure.delete(room);
  }

  #end(room: string): void {
    const stay = this.#stays.get(room);
    if (stay === undefined) return;
    this.#stays.delete(room);
    this.#claim(room, stay, false);
  }

  #received({ at, room, publisher, k }: Observed<"received">): void {
    this.#judgement.judged += 1;
    const stamp = { room, publisher, k };
    const id = `${room} ${publisher} ${k}`;
    if (this.#seen.has(id)) return this.#fault("doubled", at, stamp);
    this.#seen.add(id);
    if (this.#publicationOf(stamp)?.outcome !== "unknown") this.#checkOrder(at, stamp);
    const stay = this.#stays.get(room);
    if (stay === undefined) {
      if (!this.#unsure.has(room)) this.#fault("foreign", at, stamp);
      return;
    }
    if (stay.isClean && this.#wasSettledBefore(stay, stamp)) this.#fault("foreign", at, stamp);
    stay.received.add(`${publisher} ${k}`);
    stay.last.set(publisher, Math.max(stay.last.get(publisher) ?? 0, k));
  }

  /**
   * Checks the order of messages. One kind may come after later ones: the sender got no answer and moved to another
   * gateway. The old gateway may send such a message late.
   */
  #checkOrder(at: number, stamp: Stamp): void {
    const sender = `${stamp.room} ${stamp.publisher}`;
    const newest = this.#newest.get(sender) ?? 0;
    if (newest > stamp.k) this.#fault("disordered", at, stamp);
    this.#newest.set(sender, Math.max(newest, stamp.k));
  }

  #publicationOf({ room, publisher, k }: Stamp): Publication | undefined {
    return this.#byRoom.get(room)?.byStamp.get(`${publisher} ${k}`);
  }

  /**
   * Whether every gateway had the message before the client asked to join. Only an outage can delay a message for
   * longer.
   */
  #wasSettledBefore({ askedAt, joinedAt }: Stay, stamp: Stamp): boolean {
    const publication = this.#publicationOf(stamp);
    if (publication === undefined || publication.outcome !== "stored" || publication.answeredAt > askedAt) return false;
    return !this.#outages.some(({ from, to }) => from < joinedAt && publication.sentAt < to);
  }

  /**
   * Finds the messages that a client should have received in a stay and did not. For a stay that was cut off, only
   * messages before the last received one count. For a whole stay, all messages count.
   */
  #claim(room: string, stay: Stay, isWhole: boolean): void {
    if (stay.joinedAt === Infinity) return;
    for (const publication of this.#byRoom.get(room)?.list ?? []) {
      const { publisher, k, sentAt } = publication;
      const isClaimed = isWhole || k < (stay.last.get(publisher) ?? 0);
      if (isClaimed && isDue(publication, stay) && !stay.received.has(`${publisher} ${k}`))
        this.#fault("lost", sentAt, { room, publisher, k });
    }
  }

  #fault(kind: FaultKind, at: number, { room, publisher, k }: Stamp): void {
    this.#judgement.faults.push({ kind, client: this.#client, at, room, publisher, k } satisfies Fault);
  }
}

/** Whether the client must get the message: it was acknowledged, and it was sent while the client was a member. */
function isDue({ sentAt, answeredAt, outcome }: Publication, { joinedAt, leavingAt }: Stay): boolean {
  const isKept = outcome === "stored" || outcome === "delivered";
  return isKept && sentAt > joinedAt && answeredAt < leavingAt;
}
