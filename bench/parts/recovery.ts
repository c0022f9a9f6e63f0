import type { Bench } from "../bench.ts";
import type { LightClient } from "../load/light-client.ts";
import { measureFanout } from "../measure/measure-fanout.ts";
import { cpuSecondsOf } from "../measure/process-usage.ts";
import { medians } from "../measure/rounds.ts";
import type { RemoteRig } from "../rigs/start.ts";
import { exchange } from "./acks.ts";
import { comeAndGo, userTokens } from "./handshakes.ts";
import { idleMemory } from "./idle.ts";
import type { PartResult, Row } from "../measure/result.ts";

/** Two gateways with Redis. The first has a recovery window of 120 s, the second has recovery turned off. */
const kinds = ["gateway+redis+recovery", "gateway+redis-recovery"];
const MEMBERS = 1_000;
const ROUNDS = 9;
const HANDSHAKES = 500;
const EVENTS = 10_000;
const PUBLISHED_TURNS = 2_000;

interface Contender {
  rig: RemoteRig;
  clients: LightClient[];
}

const kindOf = ({ rig }: Contender): string => rig.kind;

/** The cost of recovery: CPU time and memory of the same work, with recovery and without it. */
export async function recovery(bench: Bench): Promise<PartResult> {
  const rows = [
    ...(await fanoutRows(bench)),
    await ackRow(bench),
    await handshakeRow(bench),
    await redisRow(bench),
    ...(await idleMemory(bench, kinds)).map(costOf),
  ];
  return {
    title: "Recovery on and off",
    unit: "CPU microseconds per delivery, event, handshake or message; bytes per idle connection",
    better: "less",
    rows,
    footnote:
      "Five warm-up rounds of each kind of work are not counted. The CPU time of Redis is for one server that stores and publishes each message, to which one gateway is connected.",
  };
}

function costOf({ work, ...rest }: Row): Row {
  return { work: `idle connection, ${work}`, ...rest };
}

/**
 * Starts both gateways and connects `count` clients to each, all in one room. Calls `use` with the gateways and their
 * clients. Then stops them.
 */
async function withBoth<T>(bench: Bench, count: number, use: (both: Contender[]) => Promise<T>): Promise<T> {
  const both: Contender[] = [];
  for (const kind of kinds) {
    const rig = await bench.rig(kind);
    both.push({ rig, clients: await bench.crowd(rig, count, () => ["room"]) });
  }
  const result = await use(both);
  for (const { rig } of both) await bench.stop(rig);
  return result;
}

function fanoutRows(bench: Bench): Promise<Row[]> {
  return withBoth(bench, MEMBERS, async (both) => {
    const rows: Row[] = [];
    for (const [perTurn, turns] of [
      [1, 60],
      [10, 30],
    ] as const) {
      const burst = { room: "room", bytes: 100, perTurn, turns, window: 4 };
      const figures = await medians(both, ROUNDS, kindOf, async ({ rig, clients }) => {
        const { cpuSeconds, deliveries } = await measureFanout(rig, { ...burst, members: clients });
        return (cpuSeconds / deliveries) * 1e6;
      });
      rows.push({
        work: `fan-out to ${MEMBERS.toLocaleString("en")} members, ${perTurn} per turn`,
        inFlight: String(4 * perTurn),
        figures,
      });
    }
    return rows;
  });
}

function ackRow(bench: Bench): Promise<Row> {
  return withBoth(bench, 100, async (both) => {
    const figures = await medians(both, ROUNDS, kindOf, ({ rig, clients }) =>
      cpuPer(rig, EVENTS, () => exchange(rig, clients, EVENTS)),
    );
    return { work: "acknowledged event", inFlight: "100", figures };
  });
}

function handshakeRow(bench: Bench): Promise<Row> {
  return withBoth(bench, 1, async (both) => {
    const tokens = await userTokens(bench);
    const figures = await medians(both, ROUNDS, kindOf, ({ rig }) =>
      cpuPer(rig, HANDSHAKES, () => comeAndGo(rig, tokens, HANDSHAKES)),
    );
    return { work: "handshake and close", inFlight: "32", figures };
  });
}

/** CPU time of Redis per published message. Linux counts it in hundredths of a second, so a burst must be long. */
async function redisRow(bench: Bench): Promise<Row> {
  const redis = await bench.redis();
  return withBoth(bench, 1, async (both) => {
    const burst = { room: "room", bytes: 100, perTurn: 10, turns: PUBLISHED_TURNS, window: 100 };
    const figures = await medians(both, 5, kindOf, async ({ rig, clients }) => {
      const before = cpuSecondsOf(redis.pid);
      const { deliveries } = await measureFanout(rig, { ...burst, members: clients });
      return ((cpuSecondsOf(redis.pid) - before) / deliveries) * 1e6;
    });
    return { work: "Redis, per published message", inFlight: "1,000", figures };
  });
}

async function cpuPer(rig: RemoteRig, count: number, work: () => Promise<void>): Promise<number> {
  const before = await rig.usage();
  await work();
  const after = await rig.usage();
  return (after.cpuMicros - before.cpuMicros) / count;
}
