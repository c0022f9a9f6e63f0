import { setTimeout as sleep } from "node:timers/promises";
import { startBalancer } from "../../testkit/balancer.ts";
import { until } from "../../testkit/until.ts";
import type { Bench } from "../bench.ts";
import { wideLimits } from "../faults/limits.ts";
import { end, startService } from "../faults/service.ts";
import type { CrowdSettings } from "../faults/stock-clients.ts";
import { openStockCrowd } from "../faults/stock-crowd.ts";
import { mostWithin, startStream } from "../measure/moves.ts";
import type { PartResult, Row } from "../measure/result.ts";

const CLIENTS = Number(process.env["DRAIN_CLIENTS"] ?? 2_000);
const PER_SECOND = 200;
/** The second drain begins this much later. The first one is then not half-way. */
const STAGGER_MS = 2_000;
const BACK_WITHIN_MS = 60_000;
const ROOM = "all";

const MANNERS: readonly (readonly [name: string, manner: CrowdSettings["manner"]])[] = [
  ["stock client", "stock"],
  ["client package", "package"],
];

interface Moved {
  mostPerSecond: number;
  moves: number;
  lostMost: number;
  unserved: number;
  seconds: number;
}

/**
 * Sends SIGTERM to two of three gateways, one after the other. Each has half of the clients, which must all move to the
 * third gateway. Measures whether the clients of both together keep the rate of the cluster.
 */
export async function twoDrains(bench: Bench): Promise<PartResult> {
  const { url } = await bench.redis();
  const outcomes = new Map<string, Moved>();
  for (const [name, manner] of MANNERS) outcomes.set(name, await drainTwo(manner, url));
  const row = (work: string, pick: (moved: Moved) => number, rate: Record<string, number> = {}): Row => ({
    work,
    inFlight: "-",
    figures: { ...rate, ...Object.fromEntries([...outcomes].map(([name, moved]) => [name, pick(moved)])) },
  });
  return {
    title: `SIGTERM to two of three gateways, ${STAGGER_MS / 1_000} s apart, with ${CLIENTS.toLocaleString("en")} clients`,
    unit: "the unit is in each row",
    better: "less",
    rows: [
      row("moves in the fullest second", ({ mostPerSecond }) => mostPerSecond, { rate: PER_SECOND }),
      row("moves per client", ({ moves }) => moves / CLIENTS),
      row("most messages lost by one client", ({ lostMost }) => lostMost),
      row("clients not reconnected", ({ unserved }) => unserved),
      row("seconds until the second gateway ended", ({ seconds }) => seconds),
    ],
  };
}

async function drainTwo(manner: CrowdSettings["manner"], redisUrl: string): Promise<Moved> {
  const env = {
    REDIS_ENABLED: "true",
    REDIS_URL: redisUrl,
    ...wideLimits,
    DRAIN_CONNECTIONS_PER_SECOND: String(PER_SECOND),
    DRAIN_TIMEOUT_SECONDS: "60",
  };
  const [first, second, staying] = await Promise.all([1, 2, 3].map(() => startService("gateway+redis", env)));
  const balancer = await startBalancer([first!.port, second!.port]);
  const { namespace } = staying!;
  const crowd = await openStockCrowd(CLIENTS, { port: balancer.publicPort, namespace, room: ROOM, manner });
  const stream = startStream((number) => staying!.publish(ROOM, number));
  try {
    await sleep(2_000);
    balancer.serve([staying!.port]);
    const askedAtMs = performance.now();
    first!.kill("SIGTERM");
    await sleep(STAGGER_MS);
    second!.kill("SIGTERM");
    const { at } = await second!.ended;
    await first!.ended;
    const isBack = async (): Promise<boolean> => (await crowd.connected()) === CLIENTS;
    await until("every client to be connected again", isBack, BACK_WITHIN_MS).catch(() => undefined);
    await sleep(1_000);
    const sent = await stream.stop();
    const clients = await crowd.report();
    const backAtMs = clients.flatMap((client) => client.backAtMs).sort((a, b) => a - b);
    return {
      mostPerSecond: mostWithin(backAtMs, 1_000),
      moves: backAtMs.length,
      lostMost: Math.max(...clients.map(({ received }) => sent - new Set(received).size)),
      unserved: CLIENTS - (await crowd.connected()),
      seconds: (at - askedAtMs) / 1_000,
    };
  } finally {
    await stream.stop();
    await crowd.close();
    await balancer.close();
    await Promise.all([end(first!), end(second!), end(staying!)]);
  }
}
