import type { Fault, FaultKind, Judgement, Observation, Observed, Outage, Publication } from "./history.ts";

/**
 * A period in which a client counts as a member of a room. It starts when the client asks to join. It ends when the
 * client has left the room, or when the client reconnects and is not recovered.
 */
interface Stay {
  askedAt: number;
  /**
   * When the gateway answered the join; Infinity before the answer. The client must get all messages sent after this
   * time.
   */
  joinedAt: number;
  /**
   * When the client asked to leave; Infinity if it has not. The client need not get messages that are sent after this
   * time.
   */
  leavingAt: number;
  /** True when the client was certainly not a member before it asked to join. */
  isClean: boolean;
  received: Set<string>;
  /** For each publisher, the highest message number that the client received in this stay. */
  last: Map<string, number>;
}

export interface RoomPublications {
  list: Publication[];
  /** The messages of the room. The key is "publisher k", where k is the message's number. */
  byStamp: Map<string, Publication>;
}

type Stamp = Pick<Publication, "room" | "publisher" | "k">;

/**
 * Checks what one client received. A message is a duplicate if the client ever received it before, even before a
 * reconnect without recovery: after such a reconnect, a client gets no replay, and a delayed message arrives only once.
 */
export class ClientJudge {
  readonly #client: string;
  readonly #byRoom: ReadonlyMap<string, RoomPublications>;
  readonly #outages: readonly Outage[];
  readonly #judgement: Judgement = { faults: [], recoveries: 0, fresh: 0, judged: 0 };
  readonly #stays = new Map<string, Stay>();
  /** Rooms that the client asked to leave and for which it got no answer, so it may still be a member. */
  readonly #unsure = new Set<string>();
  readonly #seen = new Set<string>();
  /**
   * For each room and publisher ("room publisher"), the highest message number that the client received since its last
   * reconnect without recovery.
   */
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
    // A join by a client that is already a member does not start a new stay.
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
   * Checks that a client receives the messages of a sender in order. The caller skips messages with the outcome
   * `unknown`: their sender moved to another gateway without an answer, and the old gateway may send such a message
   * late.
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
   * Whether every gateway had certainly received the message before the client asked to join. The message was stored by
   * then, and no outage can have delayed it.
   */
  #wasSettledBefore({ askedAt, joinedAt }: Stay, stamp: Stamp): boolean {
    const publication = this.#publicationOf(stamp);
    if (publication === undefined || publication.outcome !== "stored" || publication.answeredAt > askedAt) return false;
    return !this.#outages.some(({ from, to }) => from < joinedAt && publication.sentAt < to);
  }

  /**
   * Reports messages that a client should have received during a stay and did not. If the stay was cut off, later
   * messages may have been on their way. So only messages before the last received one are checked.
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

/**
 * Whether the client must get the message: the gateway acknowledged it, and the client was a member from before the
 * message was sent until after the ack.
 */
function isDue({ sentAt, answeredAt, outcome }: Publication, { joinedAt, leavingAt }: Stay): boolean {
  const isKept = outcome === "stored" || outcome === "delivered";
  return isKept && sentAt > joinedAt && answeredAt < leavingAt;
}
