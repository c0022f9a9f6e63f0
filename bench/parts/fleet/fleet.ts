import { Bench } from "../../bench.ts";
import { openCrowd } from "../../load/crowd.ts";
import { redisUsageOf, type RedisUsage } from "../../measure/redis-usage.ts";
import type { RemoteRig } from "../../rigs/start.ts";

const KIND = "gateway+redis+recovery";
/** Few handshakes at a time, so that Redis answers the ledger in time although all gateways share a core. */
const AT_ONCE = 8;
const SETTLE_MS = 1_000;

/** What some work has cost a fleet: CPU microseconds of each gateway, and what Redis has done. */
export interface FleetCosts {
  seconds: number;
  gateways: number[];
  redis: RedisUsage;
}

/** Several gateway processes on one new Redis. */
export class Fleet {
  readonly bench = new Bench();
  readonly rigs: RemoteRig[] = [];
  #redisUrl = "";

  static async start(size: number): Promise<Fleet> {
    const fleet = new Fleet();
    fleet.#redisUrl = (await fleet.bench.redis()).url;
    for (let index = 0; index < size; index += 1) fleet.rigs.push(await fleet.bench.rig(KIND));
    return fleet;
  }

  /** Does the work, waits until the fleet is idle again, and returns what all of this has cost. */
  async costsOf(work: () => Promise<unknown>): Promise<FleetCosts> {
    const startMs = performance.now();
    const [gateways, redis] = await this.#read();
    await work();
    await this.#settled();
    const [gatewaysAfter, redisAfter] = await this.#read();
    const since = (field: keyof RedisUsage): number => redisAfter[field] - redis[field];
    return {
      seconds: (performance.now() - startMs) / 1_000,
      gateways: gatewaysAfter.map((micros, index) => micros - gateways[index]!),
      redis: {
        cpuMicros: since("cpuMicros"),
        commands: since("commands"),
        bytesReceived: since("bytesReceived"),
        bytesSent: since("bytesSent"),
      },
    };
  }

  /** Connects `each` clients to every gateway, and closes them again. */
  async comeAndGo(name: string, each: number): Promise<void> {
    const { rigs, bench } = this;
    // Only some at a time are connected, so that the load generator needs few file descriptors.
    for (let left = each, round = 0; left > 0; left -= 200, round += 1) {
      const count = Math.min(left, 200) * rigs.length;
      const open = (index: number) => bench.client(rigs[index % rigs.length]!, `${name}-${round}-${index}`);
      for (const { socket } of await openCrowd(count, AT_ONCE, open)) socket.destroy();
    }
  }

  close(): Promise<void> {
    return this.bench.close();
  }

  async #settled(): Promise<void> {
    for (const rig of this.rigs) await rig.idle();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  async #read(): Promise<[number[], RedisUsage]> {
    const gateways = await Promise.all(this.rigs.map(async (rig) => (await rig.usage()).cpuMicros));
    return [gateways, await redisUsageOf(this.#redisUrl)];
  }
}
