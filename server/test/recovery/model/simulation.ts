// Simulates gateways, the message log and clients, with random delays, disconnects, kills and faults of Redis, on a
// simulated clock. Compares the messages that clients received with those that they should have received.
import type { Entry } from "../../../src/recovery/message-ring.ts";
import { missedMessages, replayOffset } from "../../../src/recovery/returning/missed-messages.ts";
import { formatOffset, parseOffset, type Offset } from "../../../src/recovery/offset.ts";
import { SimulatedLog } from "./simulated-log.ts";
import { Node, type Client, type NodeWorld, type Variant } from "./simulated-node.ts";
import { judged, knownMessages, type Verdict } from "./verdict.ts";

const ROOMS = ["red", "green", "blue"];
const STEPS = 250;
const WAIT_MS = 1_000;

class World implements NodeWorld {
  readonly log = new SimulatedLog();
  readonly nodes: Node[] = [];
  readonly clients: Client[] = [];
  readonly random: () => number;
  readonly #variant: Variant;
  now = 0;
  recovered = 0;
  refused = 0;
  #heap: { at: number; id: number; run: () => void }[] = [];
  #ids = 0;
  #heardAt = new Map<Node, number>();

  constructor(seed: number, variant: Variant) {
    let state = seed;
    this.random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 4294967296;
    this.#variant = variant;
  }

  without(part: Variant["without"]): boolean {
    return this.#variant.without === part;
  }

  at(at: number, run: () => void): number {
    this.#heap.push({ at, id: this.#ids++, run });
    return at;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!;
  }

  alive(): Node[] {
    return this.nodes.filter(({ isAlive }) => isAlive);
  }

  publish(s: number, entry: Entry): void {
    const { era } = this.log;
    for (const node of this.nodes) {
      const { link } = node;
      const at = Math.max((this.#heardAt.get(node) ?? 0) + 0.001, this.now + this.random() * 5);
      this.#heardAt.set(
        node,
        this.at(at, () => link === node.link && node.heard(era, s, entry)),
      );
    }
  }

  send(client: Client, entry: Entry, offset: string | undefined): void {
    const { conn } = client;
    if (conn === undefined) return;
    const [room = ""] = entry.rooms;
    const { origin, number } = entry;
    const isForeign = (client.rooms.get(room)?.seen.get(origin) ?? 0) >= number;
    conn.at = this.at(Math.max(conn.at + 0.001, this.now + this.random() * 3), () => {
      if (client.conn !== conn) return;
      client.got.push({ origin, number, isForeign });
      if (offset !== undefined) client.offset = offset;
    });
  }

  addNode(): void {
    const node = new Node(this, `origin${this.nodes.length}`);
    this.nodes.push(node);
    this.relink(node);
  }

  relink(node: Node): void {
    node.link += 1;
    node.follower.down();
    const { link } = node;
    const retry = (): void => {
      if (!node.isAlive || link !== node.link) return;
      if (this.log.isUp) node.follower.up();
      else this.at(this.now + 5, retry);
    };
    this.at(this.now + this.random() * 20, retry);
  }

  breakRedis(): void {
    const { log } = this;
    log.isUp = false;
    for (const node of this.alive()) this.relink(node);
    const awayMs = this.random() * 40;
    const lost = this.pick([0, 0, 1, 3, 8, Infinity]);
    this.at(this.now + awayMs, () => {
      if (log.isUp) return;
      log.restart(lost);
      log.isUp = true;
    });
  }

  connect(client: Client): void {
    const ready = this.alive().filter(({ follower }) => follower.isWhole);
    if (ready.length === 0) return void this.at(this.now + 5, () => this.connect(client));
    const node = this.pick(ready);
    if (client.offset === undefined) return this.begin(client, node);
    const asked = parseOffset(client.offset)!;
    const offset: Offset = {
      era: this.without("eras") ? node.delivered.era : asked.era,
      s: asked.s,
      over: this.without("overrides") ? new Map() : asked.over,
    };
    this.#claim(client, node, offset, this.now + WAIT_MS);
  }

  begin(client: Client, node: Node): void {
    client.conn = { node, at: this.now };
    client.offset = node.delivered.offsetText;
    client.got = [];
    const rooms = [...client.rooms.keys()];
    for (const room of rooms.length > 0 ? rooms : [this.pick(ROOMS)]) this.enter(client, room);
    node.clients.add(client);
  }

  enter(client: Client, room: string): void {
    const { node } = client.conn!;
    client.rooms.set(room, { offset: parseOffset(node.delivered.offsetText)!, seen: node.seen() });
  }

  #claim(client: Client, node: Node, offset: Offset, untilMs: number): void {
    const again = (): void => this.#claim(client, node, offset, untilMs);
    if (!node.isAlive) return this.connect(client);
    const { delivered } = node;
    const wanted = [offset, ...[...client.rooms.values()].map((room) => room.offset)];
    const reaches = wanted.map((one) => delivered.reaches(one));
    if (!this.without("waiting") && !this.without("eras") && reaches.some((reach) => reach !== "reached")) {
      if (!reaches.includes("never") && !reaches.includes("forgotten") && this.now < untilMs)
        return void this.at(this.now + 1, again);
      this.refused += 1;
      return this.begin(client, node);
    }
    const rooms = new Map(
      [...client.rooms].map(([room, entry]) => [room, this.without("entry offsets") ? undefined : entry.offset]),
    );
    const missed = missedMessages(delivered, offset, { namespace: "/", rooms });
    if ("reason" in missed) {
      this.refused += 1;
      return this.begin(client, node);
    }
    this.recovered += 1;
    client.conn = { node, at: this.now };
    node.clients.add(client);
    this.#replay(client, offset, missed.entries);
  }

  #replay(client: Client, offset: Offset, entries: readonly Entry[]): void {
    let at = offset;
    for (const [index, entry] of entries.entries()) {
      at = replayOffset(at, entry);
      const isLast = index === entries.length - 1;
      const text = isLast ? client.conn!.node.delivered.offsetText : formatOffset(at);
      this.send(client, entry, isLast || !this.without("offsets of replays") ? text : undefined);
    }
  }

  disconnect(client: Client): void {
    if (client.conn === undefined) return;
    client.conn.node.clients.delete(client);
    client.conn = undefined;
    this.at(this.now + this.random() * 10, () => this.connect(client));
  }

  step(): void {
    const dice = this.random();
    if (dice < 0.58) this.#publish();
    else if (dice < 0.8) this.disconnect(this.pick(this.clients));
    else if (dice < 0.88) this.#moveRooms(this.pick(this.clients));
    else if (dice < 0.92 && this.alive().length > 1) this.#kill(this.pick(this.alive()));
    else if (dice < 0.95) this.addNode();
    else if (this.#variant.redisFaults === true && dice < 0.97) this.breakRedis();
    else if (this.#variant.redisFaults === true) this.relink(this.pick(this.alive()));
  }

  /**
   * Publishes a message on a random gateway that has read the log. Other gateways are not ready, so they have no
   * clients.
   */
  #publish(): void {
    const ready = this.alive().filter(({ follower }) => follower.isWhole);
    if (ready.length > 0) this.pick(ready).publish(this.pick(ROOMS));
  }

  #moveRooms(client: Client): void {
    if (client.conn === undefined) return;
    const room = this.pick(ROOMS);
    if (!client.rooms.has(room)) this.enter(client, room);
    else if (client.rooms.size > 1) client.rooms.delete(room);
  }

  #kill(node: Node): void {
    node.isAlive = false;
    for (const client of [...node.clients]) this.disconnect(client);
  }

  run(): void {
    for (let count = 0; count < 3; count += 1) this.addNode();
    for (let count = 0; count < 6; count += 1) {
      const client: Client = { conn: undefined, offset: undefined, rooms: new Map(), got: [], lost: 0 };
      this.clients.push(client);
      this.connect(client);
    }
    let at = 10;
    for (let count = 0; count < STEPS; count += 1) at = this.at(at + this.random() * 3, () => this.step());
    // Run the nodes' timers for another 12 seconds, so that all pending work ends.
    for (let second = 0; second < 12; second += 1)
      this.at(at + 100 + second * 1_000, () => this.alive().forEach(({ follower }) => follower.tick()));
    while (this.#heap.length > 0) {
      let next = 0;
      for (const [index, { at: when, id }] of this.#heap.entries()) {
        const best = this.#heap[next]!;
        if (when < best.at || (when === best.at && id < best.id)) next = index;
      }
      const [event] = this.#heap.splice(next, 1);
      this.now = event!.at;
      event!.run();
    }
  }
}

/** Runs one random simulation. */
export function simulate(seed: number, variant: Variant): Verdict {
  const world = new World(seed, variant);
  world.run();
  const { recovered, refused } = world;
  return { ...judged(world.clients, knownMessages(world.alive(), world.nodes)), recovered, refused };
}
