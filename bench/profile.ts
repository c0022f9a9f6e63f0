import { writeFile } from "node:fs/promises";
import { Bench } from "./bench.ts";
import { pinToLoadCore } from "./load/pin.ts";
import { exchange } from "./parts/acks.ts";
import { comeAndGo, userTokens } from "./parts/handshakes.ts";
import { measureFanout } from "./measure/measure-fanout.ts";
import { flameGraph } from "./report/flame-graph.ts";
import { sharesOf, topFrames } from "./report/shares.ts";
import type { RemoteRig } from "./rigs/start.ts";

/**
 * Records the CPU profile of one server under one kind of work, and can draw it as a flame graph: `node
 * bench/profile.ts KIND WORK [FILE.svg]`.
 */
const works: Record<string, (bench: Bench, rig: RemoteRig) => Promise<() => Promise<unknown>>> = {
  async handshakes(bench, rig) {
    const tokens = await userTokens(bench);
    return () => comeAndGo(rig, tokens, 1_500);
  },
  async acks(bench, rig) {
    const clients = await bench.crowd(rig, 100, () => ["room"]);
    return () => exchange(rig, clients, 60_000);
  },
  async handlers(bench, rig) {
    const clients = await bench.crowd(rig, 1_000, () => ["room"]);
    return () => exchange(rig, clients, 60_000, { event: "case:subscribe" });
  },
  async fanout(bench, rig) {
    const members = await bench.crowd(rig, 1_000, () => ["room"]);
    return () => measureFanout(rig, { room: "room", members, bytes: 100, perTurn: 10, turns: 200, window: 4 });
  },
  /** Profiles the node that delivers to clients. Another node publishes the messages. */
  async receiver(bench, rig) {
    const publisher = await bench.rig(rig.kind);
    return acrossNodes(bench, publisher, rig);
  },
  /** The node that publishes. */
  async publisher(bench, rig) {
    const receiver = await bench.rig(rig.kind);
    return acrossNodes(bench, rig, receiver);
  },
};

async function acrossNodes(bench: Bench, publisher: RemoteRig, receiver: RemoteRig): Promise<() => Promise<unknown>> {
  const members = await bench.crowd(receiver, 1_000, () => ["room"]);
  return () =>
    measureFanout(publisher, { room: "room", members, bytes: 100, perTurn: 1, turns: 400, window: 4 }, [receiver]);
}

const [kind = "gateway", work = "fanout", file] = process.argv.slice(2);
pinToLoadCore();
const bench = new Bench();
try {
  const handler = kind === "gateway+handler" ? await bench.rig("handler") : undefined;
  const rig = await bench.rig(kind, { handlerUrl: `http://127.0.0.1:${handler?.port}/` });
  const run = await works[work]!(bench, rig);
  await run();
  rig.startProfile();
  const before = await rig.usage();
  await run();
  const after = await rig.usage();
  const profile = await rig.profiled();
  const kernelShare = 1 - (after.userMicros - before.userMicros) / (after.cpuMicros - before.cpuMicros);
  console.log(
    `${kind}, ${work}: ${((after.cpuMicros - before.cpuMicros) / 1e6).toFixed(2)} CPU-seconds, ${Math.round(kernelShare * 100)} % of them in the kernel`,
  );
  for (const [owner, share] of sharesOf(profile)) console.log(`${(share * 100).toFixed(1).padStart(6)} % ${owner}`);
  console.log("");
  for (const { name, share } of topFrames(profile, 45))
    console.log(`${(share * 100).toFixed(1).padStart(6)} % ${name}`);
  if (file !== undefined) await writeFile(file, flameGraph(profile, `${kind}, ${work}`));
} finally {
  await bench.close();
}
process.exit(0);
