import { setTimeout as sleep } from "node:timers/promises";
import { signToken } from "../../../testkit/sign-token.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";
import { startGatewayProcess, type GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { startFaultyBalancer, type FaultyBalancer } from "./faulty-balancer.ts";
import { judge, type Fault, type Judgement } from "./history.ts";
import { Publisher } from "./publisher.ts";
import { RecordingClient } from "./recording-client.ts";

/** What can be done to a fleet. */
export const faults = [
  "cut",
  "strand",
  "kill a gateway",
  "stop a gateway",
  "pause a gateway",
  "restart Redis empty",
  "kill Redis",
  "pause Redis",
] as const;
export type FaultName = (typeof faults)[number];

export interface CampaignOptions {
  seed: number;
  /** Goes on until so many reconnects have been judged. */
  reconnects: number;
  /** One of these after the other, at random. */
  faults: readonly FaultName[];
  clients?: number;
  env?: Record<string, string>;
}

export interface CampaignResult extends Judgement {
  publications: number;
  stored: number;
  faultsDone: Partial<Record<FaultName, number>>;
}

const GATEWAYS = 3;
const PUBLISHERS = 3;
const ROOMS = ["r1", "r2", "r3", "r4", "r5"];
const ROOMS_OF_A_CLIENT = 3;
const PUBLISH_EVERY_MS = 15;
/** The per-user and cluster limits count a stranded connection until its gateway notices. */
const MOST_STRANDED = 10;
const SETTLE_MS = 60_000;

/** Runs a real fleet of gateway processes on a real Redis under faults, and judges what every stock client saw. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const random = generator(options.seed);
  let tick = 0;
  const ticks = (): number => ++tick;
  const fleet = await startFleet(options.env ?? {});
  const clients = new Map<string, RecordingClient>();
  const publishers = Array.from(
    { length: PUBLISHERS },
    (_, index) =>
      new Publisher(`p${index}`, {
        port: () => fleet.privatePort(index),
        ...{ rooms: ROOMS, ticks, random },
      }),
  );
  try {
    for (let index = 0; index < (options.clients ?? 40); index += 1) {
      const rooms = ROOMS.slice(index % 3, (index % 3) + ROOMS_OF_A_CLIENT);
      const token = await signToken(JWT_SECRET, { sub: `user-${index}`, rooms: ["*"] });
      clients.set(`c${index}`, new RecordingClient({ publicPort: fleet.balancer.publicPort, token, rooms, ticks }));
    }
    const settled = (): Promise<true> =>
      until(
        "all clients to be in their rooms",
        async () => [...clients.values()].every((one) => one.isSettled()),
        SETTLE_MS,
        10,
      );
    await settled();
    const publishing = publishers.map((publisher) => publisher.run(() => sleep(PUBLISH_EVERY_MS)));

    const reconnects = (): number => [...clients.values()].reduce((sum, { connections }) => sum + connections - 1, 0);
    const faultsDone: Partial<Record<FaultName, number>> = {};
    while (reconnects() < options.reconnects) {
      const fault = options.faults[Math.floor(random() * options.faults.length)]!;
      faultsDone[fault] = (faultsDone[fault] ?? 0) + 1;
      const before = reconnects();
      const moved = await inflict(fault, fleet, random);
      await until("those it hit to be back", async () => reconnects() >= before + moved, SETTLE_MS, 10);
      await settled();
    }

    for (const publisher of publishers) publisher.stop();
    await Promise.all(publishing);
    const publications = publishers.flatMap((publisher) => publisher.publications);
    const history = () => ({
      publications,
      clients: new Map([...clients].map(([name, { observations }]) => [name, observations])),
    });
    // What is late may still come; what is doubled or out of order stays so.
    await until(
      "what is due to arrive",
      async () => judge(history()).faults.every(({ kind }) => kind !== "lost"),
      20_000,
      200,
    ).catch(() => undefined);
    return {
      ...judge(history()),
      publications: publications.length,
      stored: publications.filter(({ outcome }) => outcome === "stored").length,
      faultsDone,
    };
  } finally {
    for (const publisher of publishers) publisher.stop();
    for (const client of clients.values()) client.close();
    await fleet.close();
  }
}

/** One line for people: what a campaign came to. */
export function summary({
  recoveries,
  fresh,
  judged,
  publications,
  stored,
  faults: found,
  faultsDone,
}: CampaignResult): string {
  const count = (kind: Fault["kind"]): number => found.filter((one) => one.kind === kind).length;
  return (
    `${recoveries} recoveries, ${fresh} fresh, ${judged} messages judged, ${publications} published (${stored} stored), ` +
    `${count("lost")} lost, ${count("doubled")} doubled, ${count("disordered")} disordered; ${JSON.stringify(faultsDone)}`
  );
}

interface Fleet {
  balancer: FaultyBalancer;
  redis: TestRedis;
  gateways: (GatewayProcess | undefined)[];
  privatePort(index: number): number | undefined;
  start(index: number): Promise<void>;
  /** Takes a gateway out of the balancer; what was connected to it stays so. */
  remove(index: number): GatewayProcess | undefined;
  close(): Promise<void>;
}

async function startFleet(env: Record<string, string>): Promise<Fleet> {
  const redis = await startRedis();
  const balancer = await startFaultyBalancer();
  const gateways: (GatewayProcess | undefined)[] = [];
  const serve = (): void =>
    balancer.serve(gateways.flatMap((gateway) => (gateway === undefined ? [] : [gateway.publicPort])));
  const fleet: Fleet = {
    ...{ balancer, redis, gateways },
    privatePort: (index) => gateways[index]?.privatePort ?? gateways.find((one) => one !== undefined)?.privatePort,
    async start(index) {
      const gateway = await startGatewayProcess({ REDIS_ENABLED: "true", REDIS_URL: redis.url, ...env });
      await until("the gateway to be ready", () => isReady(gateway), 30_000, 20);
      gateways[index] = gateway;
      serve();
    },
    remove(index) {
      const gateway = gateways[index];
      gateways[index] = undefined;
      serve();
      return gateway;
    },
    async close() {
      for (const gateway of gateways) gateway?.kill("SIGKILL");
      for (const gateway of gateways) await gateway?.ended;
      await balancer.close();
      await redis.stop();
    },
  };
  await Promise.all(Array.from({ length: GATEWAYS }, (_, index) => fleet.start(index)));
  return fleet;
}

async function isReady({ privatePort }: GatewayProcess): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${privatePort}/readyz`)).ok;
}

/** Does it, and returns when the fleet is whole again: how many clients it certainly disconnected. */
async function inflict(fault: FaultName, fleet: Fleet, random: () => number): Promise<number> {
  const { balancer, redis } = fleet;
  const index = Math.floor(random() * GATEWAYS);
  switch (fault) {
    case "cut":
      return balancer.cut(1 + Math.floor(random() * balancer.paths()), random);
    case "strand":
      return balancer.strand(1 + Math.floor(random() * MOST_STRANDED), random);
    case "kill a gateway":
      return replace(fleet, index, "SIGKILL");
    case "stop a gateway":
      return replace(fleet, index, "SIGTERM");
    case "pause a gateway":
      fleet.gateways[index]?.kill("SIGSTOP");
      await sleep(500 + random() * 1_500);
      fleet.gateways[index]?.kill("SIGCONT");
      return 0;
    case "restart Redis empty":
      await redis.restart();
      return 0;
    case "kill Redis":
      await redis.kill();
      await sleep(random() * 2_000);
      await redis.restart();
      return 0;
    case "pause Redis":
      redis.pause();
      await sleep(200 + random() * 2_000);
      redis.resume();
      return 0;
  }
}

async function replace(fleet: Fleet, index: number, signal: NodeJS.Signals): Promise<number> {
  const gateway = fleet.remove(index);
  const moved = gateway === undefined ? 0 : fleet.balancer.pathsTo(gateway.publicPort);
  gateway?.kill(signal);
  await gateway?.ended;
  await fleet.start(index);
  return moved;
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
