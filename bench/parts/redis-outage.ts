import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../../testkit/redis.ts";
import { signToken } from "../../testkit/sign-token.ts";
import type { Bench } from "../bench.ts";
import { ChattyClient } from "../faults/chatty-client.ts";
import { wideLimits } from "../faults/limits.ts";
import { SECRET, end, startService, type Service } from "../faults/service.ts";
import { quantile, type PartResult, type Row } from "../measure/result.ts";

/**
 * ioredis 6 rejects a waiting command after about 70 s. The outage is longer, so that such rejections show in the
 * result.
 */
const OUTAGE_SECONDS = Number(process.env["OUTAGE_SECONDS"] ?? 80);
const BEFORE_SECONDS = Math.min(20, OUTAGE_SECONDS);
const MEMBERS_PER_SERVER = 25;
const MESSAGES_PER_SECOND = 20;
const BACK_WITHIN_MS = 30_000;
const ROOM = "outage";

interface Outage {
  ended: number;
  endedAfterSeconds: number;
  unhandled: number;
  p50Before: number;
  p50During: number;
  p99Before: number;
  p99During: number;
  undelivered: number;
  backAfterSeconds: number;
}

/**
 * Kills the Redis of two servers, and starts it again later. A stock client on one server sends messages. Clients of
 * both servers measure their latency.
 */
export async function redisOutage(_bench: Bench): Promise<PartResult> {
  // Run the two outages one after the other. If they ran at the same time, each would increase the latencies of the
  // other.
  const outcomes = { "bare+redis": await outageOf("bare+redis"), "gateway+redis": await outageOf("gateway+redis") };
  const row = (work: string, pick: (outage: Outage) => number): Row => ({
    work,
    inFlight: "fixed rate",
    figures: Object.fromEntries(
      Object.entries(outcomes)
        .map(([kind, outage]) => [kind, pick(outage)] as const)
        .filter(([, figure]) => !Number.isNaN(figure)),
    ),
  });
  return {
    title: `Redis is down for ${OUTAGE_SECONDS} s under two servers, ${MESSAGES_PER_SECOND} messages a second`,
    unit: "the unit is in each row",
    better: "less",
    rows: [
      row("crashed servers, of 2", ({ ended }) => ended),
      row("seconds until the first crash", ({ endedAfterSeconds }) => endedAfterSeconds),
      row("unhandled rejections", ({ unhandled }) => unhandled),
      row("messages sent during the outage and not delivered locally, %", ({ undelivered }) => undelivered),
      row("local delivery before: p50, ms", ({ p50Before }) => p50Before),
      row("local delivery during: p50, ms", ({ p50During }) => p50During),
      row("local delivery before: p99, ms", ({ p99Before }) => p99Before),
      row("local delivery during: p99, ms", ({ p99During }) => p99During),
      row("seconds from Redis' return to delivery across nodes", ({ backAfterSeconds }) => backAfterSeconds),
    ],
  };
}

async function outageOf(kind: string): Promise<Outage> {
  const redis = await startRedis();
  const env = { ...wideLimits, REDIS_ENABLED: "true", REDIS_URL: redis.url };
  const servers: [Service, Service] = await Promise.all([startService(kind, env), startService(kind, env)]);
  const [here, there] = servers;
  const endedAt: number[] = [];
  for (const { ended } of servers) void ended.then(({ at }) => endedAt.push(at));
  const join = async ({ port, namespace }: Service, user: string): Promise<ChattyClient> =>
    ChattyClient.join({ port, namespace, room: ROOM, token: await signToken(SECRET, { sub: user, rooms: ["*"] }) });
  const local = await Promise.all(
    Array.from({ length: MEMBERS_PER_SERVER }, (_, index) => join(here, `local-${index}`)),
  );
  const remote = await Promise.all(
    Array.from({ length: MEMBERS_PER_SERVER }, (_, index) => join(there, `remote-${index}`)),
  );
  const [speaker] = local as [ChattyClient];
  const timer = setInterval(() => speaker.say(performance.now()), 1_000 / MESSAGES_PER_SECOND);
  try {
    await sleep(2_000);
    const before = await heardWithin(local, BEFORE_SECONDS);
    await redis.kill();
    const killedAt = performance.now();
    const saidBefore = speaker.said;
    const during = await heardWithin(local, OUTAGE_SECONDS);
    const said = speaker.said - saidBefore;
    const ended = endedAt.length;
    const heardAcross = remote[0]!.heard.length;
    await redis.restart();
    const returnedAt = performance.now();
    while (ended === 0 && remote[0]!.heard.length === heardAcross && performance.now() - returnedAt < BACK_WITHIN_MS)
      await sleep(5);
    return {
      ended,
      endedAfterSeconds: ended === 0 ? NaN : (Math.min(...endedAt) - killedAt) / 1_000,
      unhandled: servers.filter((server) =>
        /unhandled ?rejection|MaxRetriesPerRequestError|triggerUncaughtException/i.test(server.output()),
      ).length,
      ...{ p50Before: quantile(before, 0.5), p99Before: quantile(before, 0.99) },
      ...{ p50During: quantile(during, 0.5), p99During: quantile(during, 0.99) },
      undelivered: 100 * Math.max(0, 1 - during.length / (said * MEMBERS_PER_SERVER)),
      // NaN (no figure) if a server has crashed, because this benchmark does not start it again.
      backAfterSeconds:
        ended === 0 && remote[0]!.heard.length > heardAcross ? (performance.now() - returnedAt) / 1_000 : NaN,
    };
  } finally {
    clearInterval(timer);
    for (const client of [...local, ...remote]) client.close();
    await Promise.all(servers.map(end));
    await redis.stop();
  }
}

/** The sorted latencies of all messages that these clients receive in the next `seconds` seconds. */
async function heardWithin(clients: readonly ChattyClient[], seconds: number): Promise<number[]> {
  for (const client of clients) client.heard.length = 0;
  await sleep(seconds * 1_000);
  return clients.flatMap(({ heard }) => heard).sort((a, b) => a - b);
}
