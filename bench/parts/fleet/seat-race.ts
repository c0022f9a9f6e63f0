import { setTimeout as sleep } from "node:timers/promises";
import { signToken } from "../../../testkit/sign-token.ts";
import type { Bench } from "../../bench.ts";
import { wideLimits } from "../../faults/limits.ts";
import { SECRET, end, startService, type Service } from "../../faults/service.ts";
import { LightClient, readBuffer } from "../../load/light-client.ts";
import { median, type PartResult, type Row } from "../../measure/result.ts";

const SEATS = 100;
const RACERS = 200;
const ROUNDS = Number(process.env["SEAT_ROUNDS"] ?? 5);
const FREE_WITHIN_MS = 30_000;
/**
 * Pause between two races. After Redis has answered "cluster full", a gateway refuses clients for a second without
 * asking Redis.
 */
const BETWEEN_MS = 1_500;

const buffer = readBuffer();

interface Seated {
  gateway: Service;
  client: LightClient;
}

/**
 * Twice as many clients as `maxConnections` allows connect to three gateways at once. Then one of the gateways is
 * killed.
 */
export async function seatRace(bench: Bench): Promise<PartResult> {
  const { url } = await bench.redis();
  const env = {
    ...wideLimits,
    REDIS_ENABLED: "true",
    REDIS_URL: url,
    REDIS_PREFIX: "seat-race",
    WS_MAX_GLOBAL_CONNECTIONS: String(SEATS),
  };
  const gateways = await Promise.all([1, 2, 3].map(() => startService("gateway+redis", env)));
  const tokens = await Promise.all(
    Array.from({ length: RACERS }, (_, index) => signToken(SECRET, { sub: `user-${index}` })),
  );
  try {
    const { taken, seated } = await races(gateways, tokens);
    const [victim, ...survivors] = gateways as [Service, ...Service[]];
    const lost = seated.filter(({ gateway }) => gateway === victim).length;
    victim.kill("SIGKILL");
    const { again, firstMs, lastMs } = await takeAgain(survivors, tokens, lost);
    const last = await race(survivors, tokens);
    const inTheEnd = seated.length - lost + again + last.length;
    return {
      title: `${RACERS} clients race for ${SEATS} seats of three gateways, ${ROUNDS} times; then kill -9 of one gateway`,
      unit: "the unit is in each row",
      better: "less",
      rows: [
        seatRow("seats taken: minimum", Math.min(...taken)),
        seatRow("seats taken: median", median(taken)),
        seatRow("seats taken: maximum", Math.max(...taken)),
        { work: "seats of the killed gateway", inFlight: "-", figures: { "gateway+redis": lost } },
        secondsRow("seconds until the first of them was taken again", firstMs),
        secondsRow("seconds until all were taken again", lastMs),
        seatRow("seats taken in the end, after another race", inTheEnd),
      ],
    };
  } finally {
    await Promise.all(gateways.map(end));
  }
}

/** Runs all races. Returns how many clients were accepted in each race, and the accepted clients of the last race. */
async function races(gateways: readonly Service[], tokens: readonly string[]) {
  const taken: number[] = [];
  let seated = await race(gateways, tokens);
  for (let round = 1; ; round += 1) {
    taken.push(seated.length);
    if (round === ROUNDS) return { taken, seated };
    for (const { client } of seated) client.socket.destroy();
    await sleep(BETWEEN_MS);
    seated = await race(gateways, tokens);
  }
}

async function race(gateways: readonly Service[], tokens: readonly string[]): Promise<Seated[]> {
  const answers = await Promise.all(
    tokens.map(async (token, index) => {
      const gateway = gateways[index % gateways.length]!;
      return { gateway, client: await tryToConnect(gateway, token) };
    }),
  );
  return answers.flatMap(({ gateway, client }) => (client === undefined ? [] : [{ gateway, client }]));
}

/**
 * Connects clients, one at a time, until they have all seats that the killed gateway had. Measures how long that takes.
 */
async function takeAgain(gateways: readonly Service[], tokens: readonly string[], lost: number) {
  const startedAtMs = performance.now();
  let [again, firstMs, lastMs] = [0, 0, 0];
  for (let next = 0; again < lost && performance.now() - startedAtMs < FREE_WITHIN_MS; next += 1) {
    const client = await tryToConnect(gateways[next % gateways.length]!, tokens[next % RACERS]!);
    // The cluster is still full. Wait before the next attempt, as a refused client does.
    if (client === undefined) {
      await sleep(50);
      continue;
    }
    again += 1;
    lastMs = performance.now() - startedAtMs;
    if (again === 1) firstMs = lastMs;
  }
  return { again, firstMs, lastMs };
}

function tryToConnect({ port, namespace }: Service, token: string): Promise<LightClient | undefined> {
  return LightClient.open({ port, namespace, token }, buffer).catch(() => undefined);
}

function seatRow(work: string, gateway: number): Row {
  return { work, inFlight: String(RACERS), figures: { wanted: SEATS, "gateway+redis": gateway } };
}

function secondsRow(work: string, ms: number): Row {
  return { work, inFlight: "1", figures: { wanted: 15, "gateway+redis": ms / 1_000 } };
}
