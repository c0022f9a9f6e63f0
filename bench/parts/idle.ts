import type { Bench } from "../bench.ts";
import type { PartResult, Row } from "./result.ts";

const CONNECTIONS = 10_000;

export async function idle(bench: Bench): Promise<PartResult> {
  return {
    title: "Idle connections",
    unit: `bytes per connection, of ${CONNECTIONS.toLocaleString("en")}`,
    better: "less",
    rows: await idleMemory(bench, ["bare", "gateway"]),
  };
}

/** Memory of an idle connection with its own room, after a full garbage collection. */
export async function idleMemory(bench: Bench, kinds: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [
    { work: "RSS", inFlight: "-", figures: {} },
    { work: "V8 heap and buffers", inFlight: "-", figures: {} },
  ];
  for (const kind of kinds) {
    const rig = await bench.rig(kind);
    // The first few hundred connections grow the heap and compile code.
    const early = await bench.crowd(rig, 300, (index) => [`early-${index}`]);
    const before = await rig.usage("collecting");
    const clients = await bench.crowd(rig, CONNECTIONS, (index) => [`own-${index}`]);
    const after = await rig.usage("collecting");
    rows[0]!.figures[kind] = (after.rssBytes - before.rssBytes) / CONNECTIONS;
    rows[1]!.figures[kind] = (after.heapBytes - before.heapBytes) / CONNECTIONS;
    for (const client of [...early, ...clients]) client.socket.destroy();
    await bench.stop(rig);
  }
  return rows;
}
