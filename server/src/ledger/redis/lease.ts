// This node's lease in Redis. Redis counts the holdings (seats and room entries) of all leases that have not ended.
// After a reconnect, the node writes all its holdings under a new lease id. Then one script begins this lease and ends
// the old one. Commands of the old lease that Redis still executes do no harm, because they change only holdings of the
// old lease, which no longer count.
import type { Logger } from "pino";
import type { RoomEntry } from "../ledger.ts";
import { roomKey, type Holdings } from "../memory/holdings.ts";
import { declaration } from "./declaration.ts";
import { LinkDown, unlessDown, type Link } from "./link.ts";
import type { Reply, ScriptName } from "./scripts/scripts.ts";

export interface LeaseOptions {
  link: Link;
  holdings: Holdings;
  nodeId: string;
  /** Length of the lease. The node renews it three times in this time. */
  leaseMs: number;
  now: () => number;
  random: () => number;
  logger: Logger;
  /**
   * Called when Redis has begun or renewed the lease. `revokedVersion` is the version number of the revocations in
   * Redis.
   */
  onHeld(how: "begun" | "renewed", revokedVersion: number): void;
  /** Called when this node's lease was confirmed and no longer is. */
  onLost(): void;
}

/** An answer of Redis, and the id of the lease under which the request was made. */
export interface Asked {
  reply: Reply;
  lease: string;
}

interface Change {
  script: "addSeat" | "addEntry" | "releaseSeat" | "leaveRoom";
  args: readonly string[];
}

const AT_ONCE = 250;

export class Lease {
  readonly #options: LeaseOptions;
  /**
   * away: this node has no lease. declaring: it is writing its seats and room entries, and the journal collects new
   * changes. exact: changes are written to Redis at once.
   */
  #phase: "away" | "declaring" | "exact" = "away";
  #id = "";
  #journal: Change[] = [];
  #replaced: string[] = [];
  #nodes = 1;
  #seatsElsewhere = 0;
  #isRenewing = false;
  #isFreeing = false;
  #failures = 0;
  /** True while Redis has confirmed the current lease. */
  #isConfirmed = false;
  #everConfirmed = false;
  #isWarned = false;
  #sinceMs: number;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#sinceMs = options.now();
  }

  /** True while Redis decides whether a limit is reached. */
  get isExact(): boolean {
    return this.#phase === "exact";
  }

  /** Whether Redis counts this node now, whether it has ever done so, and the time of the last change. */
  get confirmation(): { isConfirmed: boolean; everConfirmed: boolean; sinceMs: number } {
    return { isConfirmed: this.#isConfirmed, everConfirmed: this.#everConfirmed, sinceMs: this.#sinceMs };
  }

  get id(): string {
    return this.#id;
  }

  /** Number of nodes with a lease in Redis, according to its last answer. This node is included. */
  get nodes(): number {
    return this.#nodes;
  }

  /**
   * Number of seats in the whole cluster: those of other nodes according to the last answer of Redis, and those of this
   * node now.
   */
  get seats(): number {
    return this.#seatsElsewhere + this.#options.holdings.connections;
  }

  get seatsElsewhere(): number {
    return this.#seatsElsewhere;
  }

  heardSeats(total: number): void {
    this.#seatsElsewhere = Math.max(0, total - this.#options.holdings.connections);
  }

  /**
   * Runs a script under the lease. Undefined if this node has no lease or Redis cannot be used; this node's share must
   * decide.
   */
  async run(script: ScriptName, args: readonly (string | number)[]): Promise<Reply | undefined> {
    return this.#phase === "exact" ? await unlessDown(this.#options.link.run(script, args)) : undefined;
  }

  /** Like `run`, with the lease id as first argument. If Redis answers that the lease has ended, starts a new one. */
  async ask(script: ScriptName, args: readonly (string | number)[]): Promise<Asked | undefined> {
    if (this.#phase !== "exact") return undefined;
    const lease = this.#id;
    const reply = await unlessDown(this.#options.link.run(script, [lease, ...args]));
    if (reply === undefined) return undefined;
    if (reply[0] !== "lapsed") return { reply, lease };
    if (lease === this.#id && this.#phase === "exact") void this.declare("the lease had lapsed");
    return undefined;
  }

  /**
   * Writes a change of seats or room entries to Redis. `knownTo`: id of the lease under which a script has already made
   * this change. If it still is the current lease, nothing is written.
   */
  async changed(change: Change, knownTo?: string): Promise<Reply | undefined> {
    if (this.#phase === "declaring") this.#journal.push(change);
    if (this.#phase !== "exact" || knownTo === this.#id) return undefined;
    return (await this.ask(change.script, change.args))?.reply;
  }

  down(reason: string): void {
    if (this.#isConfirmed) this.#warn(reason);
    this.#phase = "away";
    this.#journal = [];
    this.#unconfirm();
  }

  /**
   * Starts the first lease at once. After a failure, leaves the next attempt to `tick`, so that a Redis that refuses
   * commands gets few of them.
   */
  async ready(): Promise<void> {
    if (this.#failures === 0) await this.declare("Redis answers");
  }

  /** Must be called every third of the lease's length. Renews the lease, or starts a new one. */
  async tick(): Promise<void> {
    const { link } = this.#options;
    if (!link.isUp) return;
    if (this.#phase === "away") return this.declare("Redis answers again");
    if (this.#phase !== "exact" || this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      const asked = await this.ask("renewLease", [this.#options.leaseMs]);
      if (asked !== undefined) this.#held("renewed", asked.reply);
    } finally {
      this.#isRenewing = false;
    }
  }

  /** Writes all seats and room entries of this node to Redis under a new lease, and begins it. */
  async declare(why: string): Promise<void> {
    const { link, holdings, leaseMs, nodeId, random, logger } = this.#options;
    if (this.#phase === "declaring" || !link.isUp) return;
    if (this.#id !== "") this.#replaced.push(this.#id);
    this.#phase = "declaring";
    this.#journal = [];
    this.#unconfirm();
    const id = `${nodeId}~${Math.floor(random() * 2 ** 48).toString(36)}`;
    try {
      for (const piece of declaration(holdings)) await link.run("declare", [id, ...piece]);
      while (this.#journal.length > 0)
        await Promise.all(this.#journal.splice(0, AT_ONCE).map(({ script, args }) => link.run(script, [id, ...args])));
      // No `await` between this line and the call of beginLease: requests under the new id must reach Redis after
      // beginLease.
      this.#id = id;
      this.#phase = "exact";
      const reply = await link.run("beginLease", [id, leaseMs, ...this.#replaced]);
      this.#replaced = [];
      this.#failures = 0;
      logger.info({ why, connections: holdings.connections }, "limits are exact for the whole cluster");
      this.#held("begun", reply);
    } catch (error) {
      if (!(error instanceof LinkDown)) throw error;
      // The next attempt writes everything again, under another lease id.
      this.#phase = "away";
      this.#warn(error.message);
      this.#failures += 1;
      this.#replaced = [...this.#replaced, id].slice(-100);
    }
  }

  /** Ends the lease, so that Redis no longer counts this node's seats and room entries. */
  async end(): Promise<void> {
    await this.ask("endLease", []);
    this.#phase = "away";
    this.#isConfirmed = false;
  }

  /** Logs once until the lease is confirmed again. */
  #warn(reason: string): void {
    if (!this.#isWarned)
      this.#options.logger.warn({ reason }, "ledger unreachable, enforcing this gateway's share of the limits");
    this.#isWarned = true;
  }

  #unconfirm(): void {
    if (!this.#isConfirmed) return;
    this.#isConfirmed = false;
    this.#sinceMs = this.#options.now();
    this.#options.onLost();
  }

  #held(how: "begun" | "renewed", reply: Reply): void {
    if (!this.#isConfirmed) this.#sinceMs = this.#options.now();
    this.#isConfirmed = true;
    this.#everConfirmed = true;
    this.#isWarned = false;
    const [, nodes, seats, version, ended] = reply.map(Number);
    this.#nodes = Math.max(1, nodes ?? 1);
    this.heardSeats(seats ?? 0);
    this.#options.onHeld(how, version ?? 0);
    // Do not wait for it: it can take longer than the lease.
    if (Number(ended) > 0) void this.#freeEnded();
  }

  async #freeEnded(): Promise<void> {
    if (this.#isFreeing) return;
    this.#isFreeing = true;
    let reply: Reply | undefined = ["", "0", 1];
    while (reply !== undefined && Number(reply[2]) > 0)
      reply = (await this.ask("freeLease", [reply[0] ?? "", reply[1] ?? "0"]))?.reply;
    this.#isFreeing = false;
  }
}

export function seatArgs({ userId, socketId }: { userId: string; socketId: string }): string[] {
  return [userId, socketId];
}

export function entryArgs(entry: RoomEntry): string[] {
  return [entry.userId, roomKey(entry), entry.socketId];
}
