import type { Seat, SeatAnswer } from "../ledger.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { Holdings } from "../memory/holdings.ts";
import type { InFlight, PendingGrant } from "./in-flight.ts";
import type { Shares } from "../shares/shares.ts";
import { seatArgs, type Lease } from "./lease.ts";

export interface HoldingDeps {
  lease: Lease;
  holdings: Holdings;
  inFlight: InFlight;
  limits: () => Limits;
  shares: Shares;
  now: () => number;
}

/** After Redis has answered that the cluster is full, clients are refused without asking Redis for this long. */
const FULL_MS = 1000;

/**
 * The seats of this node's sockets. Redis grants them; while it cannot be used, this node's share of the limits does.
 */
export class Seats {
  readonly #deps: HoldingDeps;
  #fullAtMs = -Infinity;

  constructor(deps: HoldingDeps) {
    this.#deps = deps;
  }

  async take(seat: Seat, former = ""): Promise<SeatAnswer> {
    const { holdings, inFlight } = this.#deps;
    if (holdings.userOf(seat.socketId) !== undefined) return { taken: true };
    const holding = `s${seat.socketId}`;
    const grant = inFlight.begin(holding);
    const answer = await inFlight.during([holding, `u${seat.userId}`], () => this.#take(seat, former, grant));
    inFlight.settle(holding, grant);
    return answer;
  }

  async release({ socketId, userId }: Seat): Promise<void> {
    const { holdings, inFlight, lease } = this.#deps;
    const holding = `s${socketId}`;
    inFlight.giveUp(holding);
    if (!holdings.unseat(socketId) && !inFlight.isPending(holding)) return;
    const reply = await inFlight.during([holding, `u${userId}`], () =>
      lease.changed({ script: "releaseSeat", args: [socketId] }),
    );
    if (reply !== undefined) lease.heardSeats(Number(reply[1]));
  }

  likely(): boolean {
    const { holdings, lease, shares, now } = this.#deps;
    if (!lease.isExact) return shares.isUsable && holdings.connections < shares.granted.maxConnections;
    return lease.seats < shares.leftToLedger.maxConnections || now() - this.#fullAtMs > FULL_MS;
  }

  async #take(seat: Seat, former: string, grant: PendingGrant): Promise<SeatAnswer> {
    const { holdings, lease, shares, now } = this.#deps;
    const { maxConnections } = shares.leftToLedger;
    const maxConnectionsPerUser = shares.seatsOfUser(seat.userId);
    const asked = await lease.ask("takeSeat", [...seatArgs(seat), maxConnections, maxConnectionsPerUser, former]);
    const answer = asked === undefined ? this.#byShare(seat) : this.#answerOf(String(asked.reply[0]));
    // Record the seat before the next await, because the audit compares this node's memory with answers of Redis in
    // their order.
    if (answer.taken && !grant.isGivenUp) holdings.seat(seat);
    if (asked !== undefined) lease.heardSeats(Number(asked.reply[1]));
    if (!answer.taken && answer.limit === "global") this.#fullAtMs = now();
    if (answer.taken && !grant.isGivenUp)
      await lease.changed({ script: "addSeat", args: seatArgs(seat) }, asked?.lease);
    return answer;
  }

  #byShare(seat: Seat): SeatAnswer {
    const { holdings, shares, limits } = this.#deps;
    const { maxConnections } = shares.granted;
    const maxConnectionsPerUser = shares.seatsOfUser(seat.userId);
    const answer = holdings.refusal(seat, { maxConnections, maxConnectionsPerUser });
    if (answer.taken) return answer;
    // If this node alone has the whole limit, no other node would accept the client either, so the refusal is not
    // temporary.
    return { ...answer, isPassing: holdings.refusal(seat, limits()).taken };
  }

  #answerOf(word: string): SeatAnswer {
    if (word === "taken") return { taken: true };
    return { taken: false, limit: word === "user" ? "user" : "global", isPassing: this.#deps.shares.isReduced };
  }
}
