import type { Bench } from "../bench.ts";
import { keepAwake } from "../load/keep-awake.ts";
import type { LightClient } from "../load/light-client.ts";
import type { RemoteRig } from "../rigs/start.ts";
import { measureFanout } from "../measure/measure-fanout.ts";
import { rotated } from "../measure/rotated.ts";
import { median, quantile, type PartResult, type Row } from "../measure/result.ts";

const MEMBERS = 1_000;
const BYTES = 100;
const SECONDS = 4;
const ROUNDS = 5;

interface Latencies {
  cpuPercent: number;
  p50: number;
  p99: number;
  p999: number;
}

/**
 * Measures latency and CPU time at fixed message rates, which are the same for every server. The rates are fractions of
 * the highest rate that bare Socket.IO reaches.
 */
export async function latency(bench: Bench): Promise<PartResult> {
  const contenders: { rig: RemoteRig; clients: LightClient[] }[] = [];
  for (const kind of ["bare", "fanout", "gateway"]) {
    const rig = await bench.rig(kind);
    contenders.push({ rig, clients: await bench.crowd(rig, MEMBERS, () => ["room"]) });
  }
  const bare = contenders[0]!;
  const trial = { room: "room", members: bare.clients, bytes: BYTES, perTurn: 1, turns: 200, window: 4 };
  await measureFanout(bare.rig, trial);
  const { wallSeconds } = await measureFanout(bare.rig, trial);
  const maximum = trial.turns / wallSeconds;
  const rows: Row[] = [];
  for (const share of [0.2, 0.7]) {
    const perSecond = Math.max(1, Math.round(maximum * share));
    const runs = new Map<string, Latencies[]>(contenders.map(({ rig }) => [rig.kind, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { rig, clients } of rotated(contenders, round))
        runs.get(rig.kind)!.push(await measure(rig, clients, perSecond));
    }
    for (const [name, pick] of Object.entries(picks)) {
      const figures = Object.fromEntries([...runs].map(([kind, values]) => [kind, median(values.map(pick))]));
      rows.push({ work: `${share * 100} % of bare's maximum, ${name}`, inFlight: `${perSecond}/s`, figures });
    }
  }
  for (const { rig } of contenders) await bench.stop(rig);
  return {
    title: "Latency at a fixed rate, 1,000 members, 100 B",
    unit: "the unit is in each row",
    better: "less",
    rows,
  };
}

const picks: Record<string, (run: Latencies) => number> = {
  "CPU, % of a core": (run) => run.cpuPercent,
  "p50, ms": (run) => run.p50,
  "p99, ms": (run) => run.p99,
  "p99.9, ms": (run) => run.p999,
};

async function measure(rig: RemoteRig, clients: LightClient[], perSecond: number): Promise<Latencies> {
  const latenciesMs: number[] = [];
  const want = perSecond * SECONDS * clients.length;
  const all = new Promise<void>((resolve) => {
    for (const client of clients) {
      client.readTexts((text) => {
        const mark = text.indexOf('["m","');
        if (mark < 0) return;
        const sentMicros = Number(text.toString("latin1", mark + 6, mark + 22));
        latenciesMs.push((Number(process.hrtime.bigint() / 1_000n) - sentMicros) / 1_000);
        if (latenciesMs.length === want) resolve();
      });
    }
  });
  const before = await rig.usage();
  const polling = keepAwake();
  const start = performance.now();
  rig.send({ do: "stream", room: "room", bytes: BYTES, perSecond, seconds: SECONDS });
  await all;
  const seconds = (performance.now() - start) / 1_000;
  polling.stop();
  const after = await rig.usage();
  latenciesMs.sort((a, b) => a - b);
  return {
    cpuPercent: ((after.cpuMicros - before.cpuMicros) / 1e6 / seconds) * 100,
    p50: quantile(latenciesMs, 0.5),
    p99: quantile(latenciesMs, 0.99),
    p999: quantile(latenciesMs, 0.999),
  };
}
