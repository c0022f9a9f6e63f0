import type { Bench } from "../bench.ts";
import { openCrowd } from "../load/crowd.ts";
import type { LightClient } from "../load/light-client.ts";
import { startableKinds } from "../peers/startable-kinds.ts";
import type { PartResult, Row } from "../measure/result.ts";

const CONNECTIONS = 10_000;
const SIZES = [1_000, 10_000, 19_000];
/** Longer than engine.io's ping interval of 25 s. So every connection has had a ping, and V8 has compiled the code. */
const WARM_UP_SECONDS = 30;
/** Two ping intervals. */
const MEASURED_SECONDS = 50;
const PING = "2".charCodeAt(0);
const PONG = "3";

export async function idle(bench: Bench): Promise<PartResult> {
  return {
    title: "Idle connections",
    unit: `bytes per connection, with ${CONNECTIONS.toLocaleString("en")} connections`,
    better: "less",
    rows: await idleMemory(bench, await startableKinds(["bare", "gateway", "centrifugo"])),
  };
}

/** Memory of each idle connection, after a full garbage collection. Every client is alone in a room. */
export async function idleMemory(bench: Bench, kinds: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [
    { work: "RSS", inFlight: "-", figures: {} },
    { work: "V8 heap and buffers", inFlight: "-", figures: {} },
  ];
  for (const kind of kinds) {
    const rig = await bench.rig(kind);
    // Open some connections before measuring: the first few hundred grow the heap and make V8 compile code.
    const early = await bench.crowd(rig, 300, (index) => [`early-${index}`]);
    const before = await rig.usage("collecting");
    const clients = await bench.crowd(rig, CONNECTIONS, (index) => [`own-${index}`]);
    const after = await rig.usage("collecting");
    rows[0]!.figures[kind] = (after.rssBytes - before.rssBytes) / CONNECTIONS;
    if (after.heapBytes > 0) rows[1]!.figures[kind] = (after.heapBytes - before.heapBytes) / CONNECTIONS;
    for (const client of [...early, ...clients]) client.socket.destroy();
    await bench.stop(rig);
  }
  return rows;
}

/** CPU time of connections that do nothing but answer pings. */
export async function idleCpu(bench: Bench): Promise<PartResult> {
  const kinds = await startableKinds(["bare", "gateway", "centrifugo"]);
  const rows: Row[] = [];
  for (const connections of SIZES) {
    const figures: Row["figures"] = {};
    for (const kind of kinds) figures[kind] = await cpuPerMinute(bench, kind, connections);
    rows.push({ work: `${connections.toLocaleString("en")} connections`, inFlight: "-", figures });
  }
  return {
    title: "CPU of idle connections",
    unit: "server CPU-seconds per minute, with a ping every 25 s",
    better: "less",
    rows,
    footnote: `Each server process is new. The measurement begins ${WARM_UP_SECONDS} s after the last connection and takes ${MEASURED_SECONDS} s.`,
  };
}

async function cpuPerMinute(bench: Bench, kind: string, connections: number): Promise<number> {
  const rig = await bench.rig(kind, { pings: "usual" });
  const clients = await openCrowd(connections, 50, async (index) => {
    const client = await bench.client(rig, `user-${index}`);
    answerPings(client);
    return client;
  });
  await seconds(WARM_UP_SECONDS);
  const before = await rig.usage();
  await seconds(MEASURED_SECONDS);
  const after = await rig.usage();
  const open = clients.filter(({ socket }) => !socket.destroyed).length;
  if (open < connections) throw new Error(`${kind}: only ${open} of ${connections} connections are still open`);
  for (const client of clients) client.socket.destroy();
  await bench.stop(rig);
  return ((after.cpuMicros - before.cpuMicros) / 1e6) * (60 / MEASURED_SECONDS);
}

export function answerPings(client: LightClient): void {
  client.readTexts((text) => {
    if (text.length === 1 && text[0] === PING) client.send(PONG);
  });
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}
