import { pino } from "pino";
import { Redis } from "ioredis";
import { Delivered } from "../../src/recovery/delivered.ts";
import { LogFollower } from "../../src/recovery/log-follower.ts";
import { parseLate, type Published } from "../../src/recovery/redis/log-entries.ts";
import { RecoveryLink } from "../../src/recovery/redis/recovery-link.ts";
import { RedisLog } from "../../src/recovery/redis/redis-log.ts";
import { parseRedisAddress, type RedisTarget } from "../../src/redis/redis-address.ts";
import { until } from "../../../testkit/until.ts";

/** The part of a gateway that reads and writes the message log in Redis, without the rest of the gateway. */
export interface LogNode {
  delivered: Delivered;
  follower: LogFollower<Published>;
  link: RecoveryLink;
  /** The texts of all delivered messages, in order of delivery. */
  got: string[];
  lost: number;
  /** Number of malformed answers of Redis. */
  malformed: number;
  /** The numbers of those messages of this node that Redis has stored. */
  stored: Set<number>;
  publish(text: string): void;
  /** While `isDeaf` is true, the node ignores messages that other nodes publish. */
  deaf(isDeaf: boolean): void;
  close(): void;
}

export const LOG_PREFIX = "test";
export const LOG_BASE = `${LOG_PREFIX}:{${LOG_PREFIX}}:`;
const LATE_CHANNEL = `${LOG_BASE}late`;

export async function startLogNode(url: string, origin: string, maxBytes = 1024 * 1024): Promise<LogNode> {
  const got: string[] = [];
  const stored = new Set<number>();
  const delivered = new Delivered(origin, { maxBytes, maxAgeMs: 60_000 });
  const link: RecoveryLink = new RecoveryLink({
    target: parseRedisAddress(url) as RedisTarget,
    prefix: LOG_PREFIX,
    logger: pino({ level: "silent" }),
    ...{ nowMs: Date.now, random: Math.random },
    onUp: () => follower.up(),
    onDown: () => follower.down(),
    onMalformed: () => void (node.malformed += 1),
  });
  const follower: LogFollower<Published> = new LogFollower<Published>({
    delivered,
    port: new RedisLog({
      ...{ link, maxBytes, lateChannel: LATE_CHANNEL },
      maxAgeMs: () => 60_000,
      position: () => ({ era: delivered.era, s: delivered.s, isWhole: follower.isWhole }),
    }),
    deliver: ({ text }) => void got.push(String(text)),
    publishDirectly: () => undefined,
    observer: { lost: (messages) => void (node.lost += messages), gap: () => undefined, malformed: () => undefined },
  });
  let isDeaf = false;
  const listener = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  listener.on("error", () => undefined);
  listener.on("messageBuffer", (_channel: Buffer, bytes: Buffer) => {
    const late = parseLate(bytes)!;
    if (!isDeaf) follower.heard(late.era, late.s, late.message);
  });
  await listener.subscribe(LATE_CHANNEL);
  const timer = setInterval(() => follower.tick(), 100);
  const node: LogNode = {
    ...{ delivered, follower, link, got, stored },
    ...{ lost: 0, malformed: 0 },
    publish(text) {
      const bytes = Buffer.from(text);
      const entry = delivered.publish({ namespace: "/", rooms: ["r"], except: [], text: bytes, atMs: Date.now() });
      got.push(text);
      follower.append(entry);
      follower.whenStored(entry, (isStored) => isStored && stored.add(entry.number));
    },
    deaf: (deaf) => void (isDeaf = deaf),
    close() {
      clearInterval(timer);
      listener.disconnect();
      link.close();
    },
  };
  await until("the log to be read", async () => follower.isWhole, 10_000, 10);
  return node;
}
