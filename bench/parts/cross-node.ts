import { readFileSync } from "node:fs";
import type { Bench } from "../bench.ts";
import { measureFanout } from "./measure-fanout.ts";
import { rotated } from "./rotated.ts";
import { median } from "./result.ts";
import type { PartResult, Row } from "./result.ts";

const MEMBERS = 1_000;
const ROUNDS = 5;
/** Linux counts a process's CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Published on one node, delivered by another: the CPU of both nodes and of Redis is charged. */
export async function crossNode(bench: Bench): Promise<PartResult> {
  const redis = await bench.redis();
  const pairs = [];
  for (const kind of ["bare+redis", "fanout+redis", "gateway+redis"]) {
    const [publisher, receiver] = [await bench.rig(kind), await bench.rig(kind)];
    pairs.push({ publisher, receiver, clients: await bench.crowd(receiver, MEMBERS, () => ["room"]) });
  }
  const rows: Row[] = [];
  for (const perTurn of [1, 10]) {
    const window = 4;
    const rates = new Map<string, number[]>(pairs.map(({ publisher }) => [publisher.kind, []]));
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const { publisher, receiver, clients } of rotated(pairs, round)) {
        const turns = round === 0 ? 5 : publisher.kind.startsWith("bare") ? 60 / perTurn : 200 / Math.sqrt(perTurn);
        const burst = { room: "room", members: clients, bytes: 100, perTurn, turns: Math.ceil(turns), window };
        const redisBefore = cpuSecondsOf(redis.pid);
        const run = await measureFanout(publisher, burst, [receiver]);
        const cpuSeconds = run.cpuSeconds + cpuSecondsOf(redis.pid) - redisBefore;
        if (round > 0) rates.get(publisher.kind)!.push(run.deliveries / cpuSeconds);
      }
    }
    rows.push({
      work: `1,000 members on another node, 100 B, ${perTurn} per turn`,
      inFlight: String(window * perTurn),
      figures: Object.fromEntries([...rates].map(([kind, values]) => [kind, median(values)])),
    });
  }
  for (const { publisher, receiver } of pairs) {
    await bench.stop(publisher);
    await bench.stop(receiver);
  }
  return { title: "Across nodes", unit: "deliveries per CPU-second of both nodes and Redis", better: "more", rows };
}

function cpuSecondsOf(pid: number): number {
  // Fields 14 and 15, counted after the name, which may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
