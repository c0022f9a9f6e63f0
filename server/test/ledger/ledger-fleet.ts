import { afterAll, afterEach, beforeAll, beforeEach } from "@jest/globals";
import { Redis } from "ioredis";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { exact, ledgerNode, wide, type LedgerNode } from "./ledger-node.ts";

export interface FleetOptions {
  /** The limits that the test checks. All other limits are so high that the test does not reach them. */
  limits?: Partial<Limits>;
  leaseMs?: number;
}

/**
 * Starts ledgers (nodes) on one Redis for all tests of a file. Each test has its own key prefix, and its nodes are
 * closed after it.
 */
export interface LedgerFleet {
  readonly redis: TestRedis;
  /** A connection to Redis that the test itself uses. */
  readonly client: Redis;
  readonly prefix: string;
  /** Changes the key prefix, so nodes that start later belong to another cluster. */
  anotherCluster(): void;
  /**
   * Starts nodes and waits until each of them counts in Redis. The nodes of a test have the ids node-0, node-1 and so
   * on.
   */
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
