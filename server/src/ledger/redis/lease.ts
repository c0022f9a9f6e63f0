// The node's share of the books in Redis. A share is declared under a fresh name beside whatever is there, and begins to count in
// one step that ends what it replaces. So it does not matter what became of commands whose answers never came: they name an old lease.
import type { Logger } from "pino";
import type { Books } from "../memory/books.ts";
import { roomKey } from "../memory/books.ts";
import type { RoomEntry } from "../ledger.ts";
import { declaration } from "./declaration.ts";
import { LinkDown, unlessDown, type Link } from "./link.ts";
import type { Reply, ScriptName } from "./scripts.ts";

export interface LeaseOptions {
  link: Link;
  books: Books;
  nodeId: string;
  /** Renewed three times within it. */
  leaseMs: number;
  random: () => number;
  logger: Logger;
  /** The lease holds; with it comes the version of the revocations. */
  onHeld(how: "begun" | "renewed", revokedVersion: number): void;
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
  /** away: Redis does not know us. declaring: changes go to the journal. exact: changes go to Redis. */
  #phase: "away" | "declaring" | "exact" = "away";
  #id = "";
  #journal: Change[] = [];
  #replaced: string[] = [];
  #nodes = 1;
  #seatsElsewhere = 0;
  #isRenewing = false;
  #isFreeing = false;
  #failures = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  get isExact(): boolean {
    return this.#phase === "exact";
  }

  get id(): string {
    return this.#id;
  }

  /** As last heard: nodes that hold a lease, this one included. */
  get nodes(): number {
    return this.#nodes;
  }

  /** Seats of the whole cluster: those of others as last heard, our own as they are. */
  get seats(): number {
    return this.#seatsElsewhere + this.#options.books.connections;
  }

  heardSeats(total: number): void {
    this.#seatsElsewhere = Math.max(0, total - this.#options.books.connections);
  }

  /** Undefined: Redis is away or does not know us, and the node's share decides. */
  async ask(script: ScriptName, args: readonly (string | number)[]): Promise<Asked | undefined> {
    if (this.#phase !== "exact") return undefined;
    const lease = this.#id;
    const reply = await unlessDown(this.#options.link.run(script, [lease, ...args]));
    if (reply === undefined) return undefined;
    if (reply[0] !== "lapsed") return { reply, lease };
    if (lease === this.#id && this.#phase === "exact") void this.declare("the lease had lapsed");
    return undefined;
  }

  /** Tells Redis what has changed in the books, unless the lease in force knows it from the answer itself. */
  async changed(change: Change, knownTo?: string): Promise<Reply | undefined> {
    if (this.#phase === "declaring") this.#journal.push(change);
    if (this.#phase !== "exact" || knownTo === this.#id) return undefined;
    return (await this.ask(change.script, change.args))?.reply;
  }

  down(reason: string): void {
    if (this.#phase === "exact") this.#options.logger.warn({ reason }, "limits by this node's share");
    this.#phase = "away";
    this.#journal = [];
  }

  /** At once the first time, later at the next tick: a Redis that refuses is not to be hammered. */
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

  /** Puts the whole share into Redis anew. */
  async declare(why: string): Promise<void> {
    const { link, books, leaseMs, nodeId, random, logger } = this.#options;
    if (this.#phase === "declaring" || !link.isUp) return;
    if (this.#id !== "") this.#replaced.push(this.#id);
    this.#phase = "declaring";
    this.#journal = [];
    const id = `${nodeId}~${Math.floor(random() * 2 ** 48).toString(36)}`;
    try {
      for (const piece of declaration(books)) await link.run("declare", [id, ...piece]);
      while (this.#journal.length > 0)
        await Promise.all(this.#journal.splice(0, AT_ONCE).map(({ script, args }) => link.run(script, [id, ...args])));
      // From here to the sending nothing may be awaited: what is asked from now on is sent after the beginning.
      this.#id = id;
      this.#phase = "exact";
      const reply = await link.run("beginLease", [id, leaseMs, ...this.#replaced]);
      this.#replaced = [];
      this.#failures = 0;
      logger.info({ why, connections: books.connections }, "limits exact over the cluster");
      this.#held("begun", reply);
    } catch (error) {
      if (!(error instanceof LinkDown)) throw error;
      // What was half declared is replaced by the next attempt.
      this.#phase = "away";
      if (this.#failures === 0) logger.warn({ reason: error.message }, "limits by this node's share");
      this.#failures += 1;
      this.#replaced = [...this.#replaced, id].slice(-100);
    }
  }

  /** Frees the node's share at once. */
  async end(): Promise<void> {
    await this.ask("endLease", []);
    this.#phase = "away";
  }

  #held(how: "begun" | "renewed", reply: Reply): void {
    const [, nodes, seats, version, ended] = reply.map(Number);
    this.#nodes = Math.max(1, nodes ?? 1);
    this.heardSeats(seats ?? 0);
    this.#options.onHeld(how, version ?? 0);
    // Not waited for: it may take longer than the lease.
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
