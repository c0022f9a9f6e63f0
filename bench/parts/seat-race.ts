import { setTimeout as sleep } from "node:timers/promises";
import { signToken } from "../../testkit/sign-token.ts";
import type { Bench } from "../bench.ts";
import { wideLimits } from "../faults/limits.ts";
import { SECRET, end, startService } from "../faults/service.ts";
import type { Service } from "../faults/service.ts";
import { WireClient, readBuffer } from "../load/wire-client.ts";
import { median } from "./result.ts";
import type { PartResult, Row } from "./result.ts";

const SEATS = 100;
const RACERS = 200;
const ROUNDS = Number(process.env["SEAT_ROUNDS"] ?? 5);
const FREE_WITHIN_MS = 30_000;
/** Between two races: a gateway that has seen a full house believes in it for a second. */
const BETWEEN_MS = 1_500;

/** Three gateways, twice as many clients as there are seats, all at once; then one gateway is killed with the seats it holds. */
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
  const buffer = readBuffer();
  const knock = ({ port, namespace }: Service, token: string): Promise<WireClient | undefined> =>
    WireClient.open({ port, namespace, token }, buffer).catch(() => undefined);
  const race = async (): Promise<{ gateway: Service; client: WireClient }[]> => {
    const answers = await Promise.all(
      tokens.map(async (token, index) => ({
        gateway: gateways[index % gateways.length]!,
        client: await knock(gateways[index % gateways.length]!, token),
      })),
    );
    return answers.flatMap(({ gateway, client }) => (client === undefined ? [] : [{ gateway, client }]));
  };

  try {
    const taken: number[] = [];
    let seated = await race();
    for (let round = 1; ; round += 1) {
      taken.push(seated.length);
      if (round === ROUNDS) break;
      for (const { client } of seated) client.socket.destroy();
      await sleep(BETWEEN_MS);
      seated = await race();
    }

    const [victim, ...survivors] = gateways as [Service, ...Service[]];
    const lost = seated.filter(({ gateway }) => gateway === victim).length;
    victim.kill("SIGKILL");
    const killedAtMs = performance.now();
    let again = 0;
    let firstMs = 0;
    let lastMs = 0;
    // One knock at a time and a moment between: a refused client comes back, too.
    for (let next = 0; again < lost && performance.now() - killedAtMs < FREE_WITHIN_MS; next += 1) {
      const client = await knock(survivors[next % survivors.length]!, tokens[next % RACERS]!);
      if (client === undefined) await sleep(50);
      else {
        again += 1;
        lastMs = performance.now() - killedAtMs;
        if (again === 1) firstMs = lastMs;
      }
    }
    const beyond = await Promise.all(tokens.map((token, index) => knock(survivors[index % survivors.length]!, token)));
    const row = (work: string, gateway: number): Row => ({
      work,
      inFlight: String(RACERS),
      figures: { wanted: SEATS, "gateway+redis": gateway },
    });
    return {
      title: `${RACERS} clients race for ${SEATS} seats of three gateways, ${ROUNDS} times; then kill -9 of one gateway`,
      unit: "see each line",
      better: "less",
      rows: [
        row("seats taken: fewest", Math.min(...taken)),
        row("seats taken: median", median(taken)),
        row("seats taken: most", Math.max(...taken)),
        { work: "seats the killed gateway held", inFlight: "-", figures: { "gateway+redis": lost } },
        {
          work: "seconds until the first of them was taken again",
          inFlight: "1",
          figures: { wanted: 15, "gateway+redis": firstMs / 1_000 },
        },
        { work: "seconds until all were", inFlight: "1", figures: { wanted: 15, "gateway+redis": lastMs / 1_000 } },
        row("seats taken in the end, after another race", seated.length - lost + again + beyond.filter(Boolean).length),
      ],
    };
  } finally {
    await Promise.all(gateways.map(end));
  }
}
