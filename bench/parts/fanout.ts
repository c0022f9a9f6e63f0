import type { Bench } from "../bench.ts";
import type { LightClient } from "../load/light-client.ts";
import type { RemoteRig } from "../rigs/start.ts";
import { startableKinds } from "../peers/startable-kinds.ts";
import { measureFanout } from "../measure/measure-fanout.ts";
import { rotated } from "../measure/rotated.ts";
import { median, type PartResult, type Row } from "../measure/result.ts";

const ROUNDS = 5;
const BURST_CPU_SECONDS = 0.25;

interface Contender {
  rig: RemoteRig;
  clients: LightClient[];
}

/** How many messages each server delivers per second of its CPU time, to rooms of several sizes. */
export async function fanout(bench: Bench): Promise<PartResult> {
  const kinds = await startableKinds(["floor", "bare", "bare+redis", "fanout", "gateway", "centrifugo"]);
  const small = await measureRooms(bench, kinds, [1, 10, 1_000]);
  // The load generator may open 20,000 files, so at most three servers can have 5,000 clients each.
  const large = await measureRooms(
    bench,
    kinds.filter((kind) => kind === "bare" || kind === "gateway" || kind === "centrifugo"),
    [5_000],
  );
  return {
    title: "Fan-out",
    unit: "deliveries per server CPU-second",
    better: "more",
    rows: [...small, ...large],
    footnote:
      'The load generator sleeps when it has nothing to read, except in the rows "clients never sleep". For every row, results.json has the load of the generator and the server\'s RSS. A server that waits for a busy load generator uses no CPU time.',
  };
}

async function measureRooms(bench: Bench, kinds: string[], sizes: number[]): Promise<Row[]> {
  const largest = Math.max(...sizes);
  const contenders: Contender[] = [];
  for (const kind of kinds) {
    const rig = await bench.rig(kind);
    const clients = await bench.crowd(rig, largest, (index) =>
      sizes.filter((size) => index < size).map((size) => `room-${size}`),
    );
    contenders.push({ rig, clients });
  }
  const rows: Row[] = [];
  for (const size of sizes) {
    for (const bytes of [100, 1_024]) {
      for (const perTurn of [1, 10])
        rows.push(await measureCell(contenders, { size, bytes, perTurn, generator: "sleeps" }));
    }
    if (size !== 1_000) continue;
    // These two rows are a check. The load generator never sleeps here, so no server spends CPU time on waking it.
    for (const perTurn of [1, 10])
      rows.push(await measureCell(contenders, { size, bytes: 100, perTurn, generator: "polls" }));
  }
  for (const { rig } of contenders) await bench.stop(rig);
  return rows;
}

interface Cell {
  size: number;
  bytes: number;
  perTurn: number;
  generator: "sleeps" | "polls";
}

/** Centrifugo takes part from this size on. In a smaller room, its HTTP API would have a large part of the cost. */
const CENTRIFUGO_MEMBERS = 1_000;

async function measureCell(all: Contender[], { size, bytes, perTurn, generator }: Cell): Promise<Row> {
  const contenders = all.filter(({ rig }) => rig.kind !== "centrifugo" || size >= CENTRIFUGO_MEMBERS);
  // Let the server be at least four turns of the event loop ahead, so that it never waits for the clients of a small
  // room.
  const window = Math.max(4, Math.ceil(2_000 / size / perTurn));
  const burst = (clients: LightClient[], turns: number) => ({
    room: `room-${size}`,
    members: clients.slice(0, size),
    bytes,
    perTurn,
    turns: Math.max(4, Math.ceil(turns)),
    window,
    generator,
  });
  const turnsOf = new Map<Contender, number>();
  for (const each of contenders) {
    const trial = burst(each.clients, 20_000 / size / perTurn);
    const { cpuSeconds } = await measureFanout(each.rig, trial);
    turnsOf.set(each, (trial.turns * BURST_CPU_SECONDS) / Math.max(cpuSeconds, 0.01));
  }
  const rates = new Map<string, number[]>(contenders.map(({ rig }) => [rig.kind, []]));
  const notes: Record<string, string> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const each of rotated(contenders, round)) {
      const run = await measureFanout(each.rig, burst(each.clients, turnsOf.get(each)!));
      rates.get(each.rig.kind)!.push(run.deliveries / run.cpuSeconds);
      notes[each.rig.kind] =
        `load generator ${Math.round(run.generatorBusy * 100)} % busy, RSS ${Math.round(run.rssBytes / 1e6)} MB`;
    }
  }
  return {
    work: `${size.toLocaleString("en")} members, ${bytes} B, ${perTurn} per turn${generator === "polls" ? ", clients never sleep" : ""}`,
    inFlight: String(window * perTurn),
    figures: Object.fromEntries([...rates].map(([kind, values]) => [kind, median(values)])),
    notes,
  };
}
