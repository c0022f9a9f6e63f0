import type { Bench } from "../bench.ts";
import { openCrowd } from "../load/crowd.ts";
import { WireClient, readBuffer } from "../load/wire-client.ts";
import { namespaceOf } from "../rigs/payload.ts";
import { rotated } from "./rotated.ts";
import { median } from "./result.ts";
import type { PartResult } from "./result.ts";

const HANDSHAKES = 1_500;
const AT_ONCE = 32;
const ROUNDS = 4;

/** WebSocket upgrade, Engine.IO open, CONNECT with a token, the answer; then the client goes, which is charged as well. */
export async function handshakes(bench: Bench): Promise<PartResult> {
  const kinds = ["bare", "fanout", "gateway"];
  const rigs = await Promise.all(kinds.map((kind) => bench.rig(kind)));
  const buffer = readBuffer();
  const tokens = await Promise.all(Array.from({ length: 300 }, (_, index) => bench.token(`user-${index}`)));
  const rates = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const rig of rotated(rigs, round)) {
      const namespace = namespaceOf(rig.kind);
      const before = await rig.usage();
      await openCrowd(HANDSHAKES, AT_ONCE, async (index) => {
        const client = await WireClient.open({ port: rig.port, namespace, token: tokens[index % tokens.length]! }, buffer);
        client.socket.destroy();
        return client;
      });
      await rig.idle();
      const after = await rig.usage();
      if (round > 0) rates.get(rig.kind)!.push(HANDSHAKES / ((after.cpuMicros - before.cpuMicros) / 1e6));
    }
  }
  for (const rig of rigs) await bench.stop(rig);
  const figures = Object.fromEntries([...rates].map(([kind, values]) => [kind, median(values)]));
  return {
    title: "Handshakes with a token, and the goodbye",
    unit: "handshakes per server CPU-second",
    better: "more",
    rows: [{ work: "300 users come and go", inFlight: String(AT_ONCE), figures }],
  };
}
