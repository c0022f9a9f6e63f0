import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../testkit/until.ts";
import { startBalancer } from "../../testkit/balancer.ts";
import type { Bench } from "../bench.ts";
import { wideLimits } from "../faults/limits.ts";
import { end, startService } from "../faults/service.ts";
import type { CrowdSettings } from "../faults/stock-clients.ts";
import { openStockCrowd } from "../faults/stock-crowd.ts";
import { MESSAGES_PER_SECOND, mostWithin, startStream } from "../measure/moves.ts";
import { quantile, type PartResult, type Row } from "../measure/result.ts";

const CLIENTS = Number(process.env["DRAIN_CLIENTS"] ?? 2_000);
const PER_SECOND = 200;
const TIMEOUT_SECONDS = 60;
/**
 * The balancer learns of the SIGTERM this much later, as a Kubernetes Service does. Until then it sends new clients to
 * the server that ends.
 */
const STILL_BALANCED_MS = 500;
/**
 * The deadline for all clients to be connected again, counted from the end of the old server. It is longer than the
 * longest pause of a stock client between two attempts.
 */
const BACK_WITHIN_MS = 30_000;
const ROOM = "all";

interface Drained {
  atOncePerSecond: number;
  unserved: number;
  exitCode: number;
  seconds: number;
  lostPerMoved: number;
  lostMost: number;
}

/**
 * Sends SIGTERM to one of two servers while stock clients receive messages. Its clients, half of all, must reconnect to
 * the other server.
 */
export async function drain(bench: Bench): Promise<PartResult> {
  const { url } = await bench.redis();
  const runs: [name: string, kind: string, manner: CrowdSettings["manner"]][] = [
    ["bare+redis", "bare+redis", "stock"],
    ["gateway+redis", "gateway+redis", "stock"],
    ["gateway+redis, client heeds server:draining", "gateway+redis", "heeding"],
  ];
  const outcomes = new Map<string, Drained>();
  for (const [name, kind, manner] of runs) outcomes.set(name, await drainOne(kind, manner, url));
  const row = (work: string, pick: (drained: Drained) => number): Row => ({
    work,
    inFlight: "-",
    figures: Object.fromEntries([...outcomes].map(([name, drained]) => [name, pick(drained)])),
  });
  return {
    title: `SIGTERM to one of two servers with ${CLIENTS.toLocaleString("en")} stock clients, ${PER_SECOND} a second allowed`,
    unit: "the unit is in each row",
    better: "less",
    rows: [
      row("reconnects in the fullest second", (drained) => drained.atOncePerSecond),
      row(
        `messages lost per moved client, of ${MESSAGES_PER_SECOND} a second: mean`,
        (drained) => drained.lostPerMoved,
      ),
      row("most messages lost by one client", (drained) => drained.lostMost),
      row("clients not reconnected", (drained) => drained.unserved),
      row("the server's exit code", (drained) => drained.exitCode),
      row("seconds until the server ended", (drained) => drained.seconds),
    ],
  };
}

async function drainOne(kind: string, manner: CrowdSettings["manner"], redisUrl: string): Promise<Drained> {
  const env = {
    REDIS_ENABLED: "true",
    REDIS_URL: redisUrl,
    ...wideLimits,
    DRAIN_CONNECTIONS_PER_SECOND: String(PER_SECOND),
    DRAIN_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS),
  };
  const [old, staying] = await Promise.all([startService(kind, env), startService(kind, env)]);
  const balancer = await startBalancer([old.port, staying.port]);
  const crowd = await openStockCrowd(CLIENTS, {
    port: balancer.publicPort,
    namespace: old.namespace,
    room: ROOM,
    manner,
  });
  const stream = startStream((number) => staying.publish(ROOM, number));
  try {
    await sleep(2_000);
    const askedAtMs = performance.now();
    old.kill("SIGTERM");
    await sleep(STILL_BALANCED_MS);
    balancer.remove(old.port);
    const { code, signal, at } = await old.ended;
    await until(
      "every client to be connected again",
      async () => (await crowd.connected()) === CLIENTS,
      BACK_WITHIN_MS,
    ).catch(() => undefined);
    await sleep(1_000);
    const sent = await stream.stop();
    const clients = await crowd.report();
    const moved = clients.filter(({ backAtMs }) => backAtMs.length > 0);
    // Count a client twice if it reconnects twice, because the server does the work of two handshakes.
    const backAtMs = moved.flatMap((client) => client.backAtMs).sort((a, b) => a - b);
    const lost = moved.map(({ received }) => sent - new Set(received).size).sort((a, b) => a - b);
    return {
      atOncePerSecond: mostWithin(backAtMs, 1_000),
      unserved: CLIENTS - (await crowd.connected()),
      exitCode: signal === null ? code! : -1,
      seconds: (at - askedAtMs) / 1_000,
      lostPerMoved: lost.reduce((sum, count) => sum + count, 0) / lost.length,
      lostMost: quantile(lost, 1),
    };
  } finally {
    await stream.stop();
    await crowd.close();
    await balancer.close();
    await Promise.all([end(old), end(staying)]);
  }
}
