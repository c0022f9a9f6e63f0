import { afterAll, afterEach, beforeAll, beforeEach } from "@jest/globals";
import { Redis } from "ioredis";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { exact, ledgerNode, wide, type LedgerNode } from "./ledger-node.ts";

export interface FleetOptions {
  /** Limits of the test. All other limits are too high to matter. */
  limits?: Partial<Limits>;
  leaseMs?: number;
}

/** Starts ledgers on one Redis for a test file. Every test has its own prefix, and its nodes are closed after it. */
export interface LedgerFleet {
  readonly redis: TestRedis;
  /** A Redis connection for the test itself. */
  readonly client: Redis;
  readonly prefix: string;
  /** Nodes that start after this call belong to another cluster. */
  anotherCluster(): void;
  /** Starts nodes and waits until Redis counts each of them. The first node of a test is node-0. */
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
