import { Delivered } from "../../../src/recovery/delivered.ts";
import { LogFollower } from "../../../src/recovery/log-follower.ts";
import type { Entry, Message } from "../../../src/recovery/message-ring.ts";
import type { Offset } from "../../../src/recovery/offset.ts";
import type { SimulatedLog } from "./simulated-log.ts";

/**
 * What a test can change in the simulation. `without` disables a part of the algorithm, to prove that this part is
 * needed.
 */
export interface Variant {
  without?: "waiting" | "overrides" | "offsets of replays" | "eras" | "repair" | "entry offsets" | "appending again";
  redisFaults?: boolean;
}

export interface Connection {
  node: Node;
  at: number;
}
export interface Client {
  conn: Connection | undefined;
  offset: string | undefined;
  /**
   * For each room of the client, what the gateway had delivered when the client entered it: as an offset, and as a
   * message number per origin.
   */
  rooms: Map<string, { offset: Offset; seen: Map<string, number> }>;
  got: { origin: string; number: number; isForeign: boolean }[];
  /** Number of messages that the client's gateways counted as lost. */
  lost: number;
}

/** What a simulated node needs from the simulation. */
export interface NodeWorld {
  readonly log: SimulatedLog;
  readonly nodes: readonly Node[];
  readonly now: number;
  random(): number;
  without(part: Variant["without"]): boolean;
  /** Schedules `run` at this simulated time. Returns the time. */
  at(at: number, run: () => void): number;
  publish(s: number, entry: Entry): void;
  send(client: Client, entry: Entry, offset: string | undefined): void;
}

/** A simulated gateway. */
export class Node {
  readonly delivered: Delivered;
  readonly follower: LogFollower;
  readonly clients = new Set<Client>();
  isAlive = true;
  /** Counts the node's connections to the log. Answers to requests of an older connection are lost. */
  link = 0;
  #atLog = 0;
  #backAt = 0;
  readonly #world: NodeWorld;

  constructor(world: NodeWorld, origin: string) {
    this.#world = world;
    this.delivered = new Delivered(origin, { maxBytes: 1e9, maxAgeMs: 1e9 });
    const answered = <T>(work: (log: SimulatedLog) => T, done: (answer: T | undefined) => void): void => {
      const { link } = this;
      // A killed node's requests still reach the log, because the kernel still sends them.
      this.#atLog = world.at(Math.max(this.#atLog + 0.001, world.now + world.random() * 4), () => {
        if (!world.log.isUp || link !== this.link) return;
        const answer = work(world.log);
        this.#backAt = world.at(Math.max(this.#backAt + 0.001, world.now + world.random() * 4), () => {
          if (this.isAlive && link === this.link) done(answer);
        });
      });
    };
    this.follower = new LogFollower({
      delivered: this.delivered,
      deliver: (entry) => this.deliver(entry),
      publishDirectly: (entry) => world.publish(0, entry),
      observer: {
        lost: (messages) => this.clients.forEach((client) => (client.lost += messages)),
        gap: () => undefined,
        malformed: () => undefined,
      },
      port: {
        attach: (done) => answered((log) => log.attach(), done),
        read: (era, from, done) =>
          answered(
            (log) => (world.without("repair") && this.follower.isWhole ? [] : (log.read(era, from) ?? [])),
            done,
          ),
        append: (entry, { jump, late }, done) =>
          answered((log) => {
            if (late && world.without("appending again")) return { kind: "stored" as const };
            const answer = log.append(entry, jump);
            if (answer.s !== undefined) world.publish(answer.s, entry);
            return answer;
          }, done),
      },
    });
  }

  heard(era: number, s: number, message: Message): void {
    if (!this.isAlive) return;
    if (s === 0) this.follower.heardDirect(message);
    else this.follower.heard(era, s, message);
  }

  deliver(entry: Entry): void {
    for (const client of this.clients)
      if (client.rooms.has(entry.rooms[0]!)) this.#world.send(client, entry, this.delivered.offsetText);
  }

  publish(room: string): void {
    const entry = this.delivered.publish({ namespace: "/", rooms: [room], except: [], text: NO_TEXT, atMs: 0 });
    this.follower.append(entry);
    this.deliver(entry);
  }

  seen(): Map<string, number> {
    return new Map(this.#world.nodes.map(({ delivered: { origin } }) => [origin, this.delivered.seenOf(origin)]));
  }
}

const NO_TEXT = Buffer.from("text");
