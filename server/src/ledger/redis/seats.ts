import type { Books } from "../memory/books.ts";
import type { Limits, SeatAnswer } from "../ledger.ts";
import type { InFlight, Wish } from "./in-flight.ts";
import { seatArgs, type Lease } from "./lease.ts";
import { shareOf } from "./share-of.ts";

export interface HoldingParts {
  lease: Lease;
  books: Books;
  inFlight: InFlight;
  limits: () => Limits;
  now: () => number;
}

interface Seat {
  socketId: string;
  userId: string;
}

/** For so long a full house is believed to be full without asking. */
const FULL_MS = 1000;

/** Seats of this node's sockets, granted by Redis or, when it is away, out of the node's share. */
export class Seats {
  readonly #parts: HoldingParts;
  #fullAtMs = -Infinity;

  constructor(parts: HoldingParts) {
    this.#parts = parts;
  }

  async take(seat: Seat): Promise<SeatAnswer> {
    const { books, inFlight } = this.#parts;
    if (books.userOf(seat.socketId) !== undefined) return { taken: true };
    const holding = `s${seat.socketId}`;
    const wish = inFlight.want(holding);
    const answer = await inFlight.during([holding, `u${seat.userId}`], () => this.#take(seat, wish));
    inFlight.settle(holding, wish);
    return answer;
  }

  async release({ socketId, userId }: Seat): Promise<void> {
    const { books, inFlight, lease } = this.#parts;
    const holding = `s${socketId}`;
    inFlight.giveUp(holding);
    if (!books.unseat(socketId) && !inFlight.isWanted(holding)) return;
    const reply = await inFlight.during([holding, `u${userId}`], () =>
      lease.changed({ script: "releaseSeat", args: [socketId] }),
    );
    if (reply !== undefined) lease.heardSeats(Number(reply[1]));
  }

  likely(): boolean {
    const { books, lease, limits, now } = this.#parts;
    if (!lease.isExact) return books.connections < shareOf(limits(), lease.nodes).maxConnections;
    return lease.seats < limits().maxConnections || now() - this.#fullAtMs > FULL_MS;
  }

  async #take(seat: Seat, wish: Wish): Promise<SeatAnswer> {
    const { books, lease, limits, now } = this.#parts;
    const { maxConnections, maxConnectionsPerUser } = limits();
    const asked = await lease.ask("takeSeat", [...seatArgs(seat), maxConnections, maxConnectionsPerUser]);
    const answer =
      asked === undefined ? books.refusal(seat, shareOf(limits(), lease.nodes)) : answerOf(String(asked.reply[0]));
    // Together with the answer, before anything else may run: see audit.ts.
    if (answer.taken && !wish.isGivenUp) books.seat(seat);
    if (asked !== undefined) lease.heardSeats(Number(asked.reply[1]));
    if (!answer.taken && answer.limit === "global") this.#fullAtMs = now();
    if (answer.taken && !wish.isGivenUp) await lease.changed({ script: "addSeat", args: seatArgs(seat) }, asked?.lease);
    return answer;
  }
}

function answerOf(word: string): SeatAnswer {
  return word === "taken" ? { taken: true } : { taken: false, limit: word === "user" ? "user" : "global" };
}
