import { roomKey } from "../memory/books.ts";
import type { RoomAnswer, RoomEntry } from "../ledger.ts";
import type { Wish } from "./in-flight.ts";
import { entryArgs } from "./lease.ts";
import type { HoldingParts } from "./seats.ts";
import { shareOf } from "./share-of.ts";

/** Room entries of this node's sockets, granted by Redis or, when it is away, out of the node's share. */
export class Rooms {
  readonly #parts: HoldingParts;

  constructor(parts: HoldingParts) {
    this.#parts = parts;
  }

  async enter(entry: RoomEntry): Promise<RoomAnswer> {
    const { inFlight } = this.#parts;
    const wish = inFlight.want(wishOf(entry));
    const answer = await inFlight.during(holdingsOf(entry), () => this.#enter(entry, wish));
    inFlight.settle(wishOf(entry), wish);
    return answer;
  }

  async leave(entry: RoomEntry): Promise<{ participantCount: number }> {
    const { books, inFlight, lease } = this.#parts;
    inFlight.giveUp(wishOf(entry));
    const wasIn = books.leave(entry);
    const reply =
      wasIn || inFlight.isWanted(wishOf(entry))
        ? await inFlight.during(holdingsOf(entry), () =>
            lease.changed({ script: "leaveRoom", args: [roomKey(entry), entry.socketId] }),
          )
        : undefined;
    if (reply !== undefined) return { participantCount: Number(reply[1]) };
    return { participantCount: (await this.presence(entry.namespace, entry.room)).participantCount };
  }

  async presence(namespace: string, room: string): Promise<{ participantCount: number; users: string[] }> {
    const { books, lease } = this.#parts;
    const asked = await lease.ask("members", [roomKey({ namespace, room })]);
    if (asked === undefined) return books.participants(namespace, room);
    return { participantCount: asked.reply.length, users: [...new Set(asked.reply.map(String))] };
  }

  async #enter(entry: RoomEntry, wish: Wish): Promise<RoomAnswer> {
    const { books, lease, limits } = this.#parts;
    const asked = await lease.ask("enterRoom", [...entryArgs(entry), limits().maxRoomsPerUser]);
    const answer =
      asked === undefined ? books.roomRefusal(entry, shareOf(limits(), lease.nodes)) : answerOf(asked.reply);
    if (!answer.entered || wish.isGivenUp) return answer;
    // Together with the answer, before anything else may run: see audit.ts.
    books.enter(entry);
    await lease.changed({ script: "addEntry", args: entryArgs(entry) }, asked?.lease);
    return answer;
  }
}

function answerOf([word, count, isNew]: readonly (string | number)[]): RoomAnswer {
  if (word === "full") return { entered: false, currentRoomCount: Number(count) };
  return { entered: true, participantCount: Number(count), first: Number(isNew) === 1 };
}

function wishOf(entry: RoomEntry): string {
  return `${entry.socketId} ${roomKey(entry)}`;
}

function holdingsOf(entry: RoomEntry): string[] {
  return [`:room:${roomKey(entry)}`, `:user:${entry.userId}`];
}
