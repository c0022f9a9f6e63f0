import { afterAll, afterEach, beforeAll, beforeEach } from "@jest/globals";
import { Redis } from "ioredis";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { exact, ledgerNode, wide, type LedgerNode } from "./ledger-node.ts";

export interface FleetOptions {
  /** What differs from limits that are out of the way. */
  limits?: Partial<Limits>;
  leaseMs?: number;
}

/** Ledgers on one Redis for a test file. Each test has its own prefix, and its nodes are closed after it. */
export interface LedgerFleet {
  readonly redis: TestRedis;
  /** The tests' own connection. */
  readonly client: Redis;
  readonly prefix: string;
  /** From now on nodes belong to another cluster. */
  anotherCluster(): void;
  /** Starts nodes, node-0 being the test's first, and waits until each counts in Redis. */
  start(count: number, options?: FleetOptions): Promise<[Ledger, Ledger, ...Ledger[]]>;
}

export function ledgerFleet(name: string): LedgerFleet {
  let redis: TestRedis;
  let client: Redis;
  let clusters = 0;
  let nodes: Ledger[] = [];
  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.port);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });
  beforeEach(() => void (clusters += 1));
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    nodes = [];
  });
  return {
    get redis() {
      return redis;
    },
    get client() {
      return client;
    },
    get prefix() {
      return `${name}-${clusters}`;
    },
    anotherCluster: () => void (clusters += 1),
    async start(count, { limits, leaseMs } = {}) {
      const first = nodes.length;
      const started = Array.from({ length: count }, (_, index) =>
        ledgerNode({
          url: redis.url,
          prefix: this.prefix,
          nodeId: `node-${first + index}`,
          limits: { ...wide, ...limits },
          ...(leaseMs === undefined ? {} : { leaseMs }),
        }),
      );
      nodes.push(...started);
      await Promise.all(started.map((node) => exact(node)));
      return started as [LedgerNode, LedgerNode, ...LedgerNode[]];
    },
  };
}
