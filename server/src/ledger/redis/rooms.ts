import type { ClaimedGeneration, RoomAnswer, RoomEntry } from "../ledger.ts";
import { roomKey } from "../memory/holdings.ts";
import type { PendingGrant } from "./in-flight.ts";
import { entryArgs } from "./lease.ts";
import type { HoldingDeps } from "./seats.ts";

/**
 * The rooms of this node's sockets. Redis grants them; while it cannot be used, this node's share of the limit does.
 */
export class Rooms {
  readonly #deps: HoldingDeps;

  constructor(deps: HoldingDeps) {
    this.#deps = deps;
  }

  async enter(entry: RoomEntry, { returning }: { returning?: ClaimedGeneration } = {}): Promise<RoomAnswer> {
    const { inFlight } = this.#deps;
    const what = grantName(entry);
    const grant = inFlight.begin(what);
    const answer = await inFlight.during(holdingsOf(entry), () => this.#enter(entry, returning, grant));
    inFlight.settle(what, grant);
    return answer;
  }

  async leave(entry: RoomEntry, { onEveryNode = false } = {}): Promise<{ participantCount: number }> {
    const { holdings, inFlight } = this.#deps;
    inFlight.giveUp(grantName(entry));
    const wasIn = holdings.leave(entry);
    const isTold = wasIn || onEveryNode || inFlight.isPending(grantName(entry));
    const reply = isTold ? await this.#tellLeft(entry, onEveryNode) : undefined;
    if (reply !== undefined) return { participantCount: Number(reply[1]) };
    return { participantCount: (await this.presence(entry.namespace, entry.room)).participantCount };
  }

  async presence(namespace: string, room: string): Promise<{ participantCount: number; users: string[] }> {
    const { holdings, lease } = this.#deps;
    const asked = await lease.ask("members", [roomKey({ namespace, room })]);
    if (asked === undefined) return holdings.participants(namespace, room);
    return { participantCount: asked.reply.length, users: [...new Set(asked.reply.map(String))] };
  }

  #tellLeft(entry: RoomEntry, onEveryNode: boolean): Promise<readonly (string | number)[] | undefined> {
    const { inFlight, lease } = this.#deps;
    const args = [roomKey(entry), entry.socketId, onEveryNode ? "1" : "0"];
    const change = { script: "leaveRoom", args } as const;
    return inFlight.during(holdingsOf(entry), () => lease.changed(change));
  }

  async #enter(entry: RoomEntry, returning: ClaimedGeneration | undefined, grant: PendingGrant): Promise<RoomAnswer> {
    const { holdings, lease, shares } = this.#deps;
    const most = shares.leftToLedger.maxRoomsPerUser;
    const claim = returning === undefined ? [] : [returning.hash, String(returning.generation)];
    const asked = await lease.ask("enterRoom", [...entryArgs(entry), most, ...claim]);
    const answer = asked === undefined ? holdings.roomRefusal(entry, shares.granted) : answerOf(asked.reply);
    if (!answer.entered || grant.isGivenUp) return answer;
    // Record the entry before the next await, because the audit compares this node's memory with answers of Redis in
    // their order.
    holdings.enter(entry);
    await lease.changed({ script: "addEntry", args: entryArgs(entry) }, asked?.lease);
    return answer;
  }
}

function answerOf([word, count, isNew]: readonly (string | number)[]): RoomAnswer {
  if (word === "taken") return { entered: false, currentRoomCount: 0, isTaken: true };
  if (word === "full") return { entered: false, currentRoomCount: Number(count) };
  return { entered: true, participantCount: Number(count), first: Number(isNew) === 1 };
}

function grantName(entry: RoomEntry): string {
  return `${entry.socketId} ${roomKey(entry)}`;
}

function holdingsOf(entry: RoomEntry): string[] {
  return [`:room:${roomKey(entry)}`, `:user:${entry.userId}`];
}
