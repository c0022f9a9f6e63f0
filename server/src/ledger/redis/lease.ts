// This node's holdings in Redis. They are declared under a new lease, which begins to count in one step that ends the
// old one. So commands whose answers never came do not matter: they name an old lease.
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
  /** Renewed three times within it. */
  leaseMs: number;
  now: () => number;
  random: () => number;
  logger: Logger;
  /** The lease is in force; with it comes the version of the revocations. */
  onHeld(how: "begun" | "renewed", revokedVersion: number): void;
  /** The lease was in force and is not any more. */
  onLost(): void;
}

/** An answer, and the lease it was given under. */
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
  /** away: no lease. declaring: changes go to the journal. exact: changes go to Redis. */
  #phase: "away" | "declaring" | "exact" = "away";
  #id = "";
  #journal: Change[] = [];
  #replaced: string[] = [];
  #nodes = 1;
  #seatsElsewhere = 0;
  #isRenewing = false;
  #isFreeing = false;
  #failures = 0;
  /** Redis has confirmed the lease. */
  #isConfirmed = false;
  #everConfirmed = false;
  #isWarned = false;
  #sinceMs: number;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#sinceMs = options.now();
  }

  /** Whether Redis is asked. */
  get isExact(): boolean {
    return this.#phase === "exact";
  }

  /** Whether Redis has confirmed that it counts this node, now and ever, and since when. */
  get confirmation(): { isConfirmed: boolean; everConfirmed: boolean; sinceMs: number } {
    return { isConfirmed: this.#isConfirmed, everConfirmed: this.#everConfirmed, sinceMs: this.#sinceMs };
  }

  get id(): string {
    return this.#id;
  }

  /** Nodes that hold a lease, this one included, by the last answer. */
  get nodes(): number {
    return this.#nodes;
  }

  /** Seats of the whole cluster: of the others by the last answer, our own as they are now. */
  get seats(): number {
    return this.#seatsElsewhere + this.#options.holdings.connections;
  }

  get seatsElsewhere(): number {
    return this.#seatsElsewhere;
  }

  heardSeats(total: number): void {
    this.#seatsElsewhere = Math.max(0, total - this.#options.holdings.connections);
  }

  /** Runs a script while the lease is in force. Undefined: the node's share decides. */
  async run(script: ScriptName, args: readonly (string | number)[]): Promise<Reply | undefined> {
    return this.#phase === "exact" ? await unlessDown(this.#options.link.run(script, args)) : undefined;
  }

  /** As `run`, with the lease as first argument; declares again when it has lapsed. */
  async ask(script: ScriptName, args: readonly (string | number)[]): Promise<Asked | undefined> {
    if (this.#phase !== "exact") return undefined;
    const lease = this.#id;
    const reply = await unlessDown(this.#options.link.run(script, [lease, ...args]));
    if (reply === undefined) return undefined;
    if (reply[0] !== "lapsed") return { reply, lease };
    if (lease === this.#id && this.#phase === "exact") void this.declare("the lease had lapsed");
    return undefined;
  }

  /** Tells Redis of a change in the holdings, unless the lease `knownTo` was granted it and is still in force. */
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

  /** Declares at once the first time; after a failure at the next tick, to spare a Redis that refuses. */
  async ready(): Promise<void> {
    if (this.#failures === 0) await this.declare("Redis answers");
  }

  /** To be called every third of the lease. */
  async tick(): Promise<void> {
    const { link } = this.#options;
    if (!link.isUp) return link.nudge();
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

  /** Writes all holdings to Redis again. */
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
      // No await between here and the sending: later requests must arrive after beginLease.
      this.#id = id;
      this.#phase = "exact";
      const reply = await link.run("beginLease", [id, leaseMs, ...this.#replaced]);
      this.#replaced = [];
      this.#failures = 0;
      logger.info({ why, connections: holdings.connections }, "limits exact");
      this.#held("begun", reply);
    } catch (error) {
      if (!(error instanceof LinkDown)) throw error;
      // The next attempt replaces what is half declared.
      this.#phase = "away";
      this.#warn(error.message);
      this.#failures += 1;
      this.#replaced = [...this.#replaced, id].slice(-100);
    }
  }

  /** Frees the node's holdings at once. */
  async end(): Promise<void> {
    await this.ask("endLease", []);
    this.#phase = "away";
    this.#isConfirmed = false;
  }

  /** Once until the lease is in force again. */
  #warn(reason: string): void {
    if (!this.#isWarned) this.#options.logger.warn({ reason }, "limits by this node's share");
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
    // Not awaited: it may take longer than the lease.
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
