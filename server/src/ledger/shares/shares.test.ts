import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { each, type CountedLimits } from "./pools.ts";
import { Shares } from "./shares.ts";
import type { Hearing } from "./peers.ts";

const limits = {
  maxConnections: 30,
  maxConnectionsPerUser: 3,
  maxRoomsPerUser: 8,
  maxEventsPerMinute: 100,
  maxConnectionsPerAddress: 50,
  maxMessageBytes: 1000,
  maxQueuedBytes: 1000,
};
const LEASE_MS = 10_000;

interface Node {
  id: string;
  shares: Shares;
  /** User id → number of the user's seats on this node. */
  seats: Map<string, number>;
  isExact: boolean;
}

/** A model of several nodes, a bus with a delay, and an exact ledger. Its time passes only when `pass` is called. */
class Cluster {
  nowMs = 1_000_000;
  nodes: Node[] = [];
  ledgerIsUp = true;
  busIsUp = true;
  hearing: Hearing = "all";
  readonly #delayMs: number;
  #inFlight: { atMs: number; to: Node; from: string; text: string }[] = [];
  #started = 0;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  start(): Node {
    const id = `n${(this.#started * 7) % 10}-${this.#started++}`;
    const node: Node = { id, seats: new Map(), isExact: false, shares: undefined as unknown as Shares };
    node.shares = new Shares({
      id,
      limits,
      leaseMs: LEASE_MS,
      now: () => this.nowMs,
      used: () => usedBy(node),
      usersAbove: (part) =>
        [...node.seats].filter(([, count]) => count > part).map(([user, count]) => [user, count - part]),
      announce: () => this.#send(node),
    });
    this.nodes.push(node);
    if (this.ledgerIsUp) this.#regain(node);
    return node;
  }

  total(): number {
    return this.nodes.reduce((sum, { seats }) => sum + sumOf(seats), 0);
  }

  ofUser(user: string): number {
    return this.nodes.reduce((sum, { seats }) => sum + (seats.get(user) ?? 0), 0);
  }

  take(node: Node, user: string): boolean {
    const isGranted = node.isExact && this.ledgerIsUp ? this.#takeExact(node, user) : this.#takeByShare(node, user);
    if (isGranted) node.seats.set(user, (node.seats.get(user) ?? 0) + 1);
    if (node.isExact) this.#send(node);
    return isGranted;
  }

  release(node: Node): void {
    const [user] = node.seats.keys();
    if (user === undefined) return;
    const left = (node.seats.get(user) ?? 1) - 1;
    if (left > 0) node.seats.set(user, left);
    else node.seats.delete(user);
  }

  /** A stopped node announces that it is gone. A crashed node does not. */
  remove(node: Node, how: "stop" | "crash"): void {
    node.seats.clear();
    if (how === "stop") node.shares.end();
    this.nodes = this.nodes.filter((other) => other !== node);
  }

  setLedger(isUp: boolean): void {
    this.ledgerIsUp = isUp;
    if (isUp) for (const node of this.nodes) this.#regain(node);
    else for (const node of this.nodes) this.#lose(node);
  }

  pass(ms: number): void {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; this.nowMs += 50) {
      const due = this.#inFlight.filter(({ atMs }) => atMs <= this.nowMs);
      this.#inFlight = this.#inFlight.filter(({ atMs }) => atMs > this.nowMs);
      for (const { to, from, text } of due) to.shares.hear(from, text);
      for (const [index, node] of this.nodes.entries()) {
        if ((this.nowMs / 50 + index * 3) % 20 !== 0) continue;
        node.shares.tick({ hearing: this.busIsUp ? this.hearing : "none", nodes: this.nodes.length });
        this.#send(node);
      }
    }
  }

  #send(from: Node): void {
    if (!this.busIsUp) return;
    const text = from.shares.announcement();
    for (const to of this.nodes) {
      if (to !== from) this.#inFlight.push({ atMs: this.nowMs + this.#delayMs, to, from: from.id, text });
    }
  }

  #regain(node: Node): void {
    node.isExact = true;
    node.shares.regained();
  }

  #lose(node: Node): void {
    if (!node.isExact) return;
    node.isExact = false;
    node.shares.lost({ nodes: this.nodes.length, seatsElsewhere: this.total() - sumOf(node.seats) });
  }

  #takeExact(node: Node, user: string): boolean {
    const left = node.shares.leftToLedger;
    const counted = this.nodes.filter(({ isExact }) => isExact);
    const total = counted.reduce((sum, { seats }) => sum + sumOf(seats), 0);
    const ofUser = counted.reduce((sum, { seats }) => sum + (seats.get(user) ?? 0), 0);
    return total < left.maxConnections && ofUser < node.shares.seatsOfUser(user);
  }

  #takeByShare(node: Node, user: string): boolean {
    const { maxConnections } = node.shares.granted;
    return sumOf(node.seats) < maxConnections && (node.seats.get(user) ?? 0) < node.shares.seatsOfUser(user);
  }
}

const sumOf = (seats: ReadonlyMap<string, number>): number =>
  [...seats.values()].reduce((sum, count) => sum + count, 0);

function usedBy({ seats }: Node): CountedLimits {
  const perUser = Math.max(0, ...seats.values());
  return { ...each(() => 0), maxConnections: sumOf(seats), maxConnectionsPerUser: perUser };
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant("take" as const),
      node: fc.nat(5),
      user: fc.nat(25),
      times: fc.integer({ min: 1, max: 15 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("release" as const),
      node: fc.nat(5),
      times: fc.integer({ min: 1, max: 10 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("pass" as const), ms: fc.integer({ min: 50, max: 9_000 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("start" as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom("stop" as const, "crash" as const), node: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("ledger down" as const, "ledger up" as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("first redis away" as const, "all redis back" as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type NodeStep = Extract<Step, { node: number }>;

function performOnNode(cluster: Cluster, one: NodeStep): void {
  const node = cluster.nodes[one.node % Math.max(1, cluster.nodes.length)];
  if (node === undefined) return;
  if (one.act === "release") {
    for (let count = 0; count < one.times; count += 1) cluster.release(node);
  } else if (one.act === "take") {
    for (let count = 0; count < one.times; count += 1) cluster.take(node, `u${one.user}`);
    for (let count = 0; count < one.times; count += 1) cluster.take(node, `u${one.user + count}`);
  } else cluster.remove(node, one.act);
}

function performOnCluster(cluster: Cluster, one: Exclude<Step, NodeStep>): void {
  if (one.act === "pass") cluster.pass(one.ms);
  else if (one.act === "start") {
    if (cluster.nodes.length < 6) cluster.start();
  } else if (one.act === "first redis away") cluster.hearing = "some";
  else if (one.act === "all redis back") cluster.hearing = "all";
  else {
    // Seats that were taken after the last announcement and before the outage are unknown to the other nodes.
    cluster.pass(1_500);
    if (cluster.ledgerIsUp !== (one.act === "ledger up")) cluster.setLedger(one.act === "ledger up");
  }
}

test("never admits more than the limit when nodes and Redis come and go in any order", () => {
  fc.assert(
    fc.property(fc.constantFrom(50, 200, 400), fc.array(step, { maxLength: 60 }), (delayMs, steps) => {
      const cluster = new Cluster(delayMs);
      for (let count = 0; count < 3; count += 1) cluster.start();
      cluster.pass(3_000);
      for (const one of steps) {
        if ("node" in one) performOnNode(cluster, one);
        else performOnCluster(cluster, one);
        expect(cluster.total()).toBeLessThanOrEqual(limits.maxConnections);
        for (let user = 0; user < 45; user += 1)
          expect(cluster.ofUser(`u${user}`)).toBeLessThanOrEqual(limits.maxConnectionsPerUser);
      }
    }),
    { numRuns: 300 },
  );
});

test("grants nothing when it was paused long enough for the others to take its share", () => {
  const cluster = new Cluster(50);
  const [stopped, other] = [cluster.start(), cluster.start()];
  cluster.pass(3_000);
  cluster.setLedger(false);
  expect(stopped.shares.granted.maxConnections).toBe(15);
  cluster.nodes = [other];
  cluster.pass(25_000);
  for (let count = 0; count < 40; count += 1) cluster.take(other, `u${count}`);
  expect(cluster.total()).toBe(30);
  cluster.nodes = [stopped, other];
  expect(cluster.take(stopped, "late")).toBe(false);
  cluster.pass(10_000);
  expect(cluster.take(stopped, "late")).toBe(false);
  expect(stopped.shares.granted.maxConnections).toBe(0);
});

test("leaves a part to new nodes, and gets one when others have given it back", () => {
  const cluster = new Cluster(50);
  const [first] = [cluster.start(), cluster.start(), cluster.start()];
  cluster.pass(3_000);
  for (let count = 0; count < 20; count += 1) cluster.take(first, `u${count}`);
  cluster.pass(1_500);
  cluster.setLedger(false);
  const late = cluster.start();
  expect(late.shares.isUsable).toBe(false);
  cluster.pass(8_000);
  const granted = cluster.nodes.map(({ shares }) => shares.granted.maxConnections);
  expect(granted.toSorted()).toEqual([20, 3, 3, 4]);
  expect(late.shares.granted.maxConnections).toBeGreaterThanOrEqual(3);
});
