import type { Bench } from "../bench.ts";
import { rotated } from "../measure/rotated.ts";
import { median, type PartResult } from "../measure/result.ts";

const CLIENTS = 1_000;
const ROUNDS = 3;

/**
 * CPU time when all clients join the same room at once, and the server announces each of them to the members. The
 * measurement ends when the server is idle.
 */
export async function joinStorm(bench: Bench): Promise<PartResult> {
  const kinds = ["bare", "fanout", "gateway"];
  const seconds = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of rotated(kinds, round)) {
      const rig = await bench.rig(kind);
      const clients = await bench.crowd(rig, CLIENTS, () => []);
      const prefix = kind === "gateway" ? "/messaging," : "";
      const before = await rig.usage();
      clients.forEach((client, index) => client.send(`42${prefix}${index}["join_room",{"room":"storm"}]`));
      await rig.hasMembers("storm", CLIENTS);
      await rig.idle();
      const after = await rig.usage();
      seconds.get(kind)!.push((after.cpuMicros - before.cpuMicros) / 1e6);
      for (const client of clients) client.socket.destroy();
      await bench.stop(rig);
    }
  }
  const figures = Object.fromEntries([...seconds].map(([kind, values]) => [kind, median(values)]));
  return {
    title: "Join storm: 1,000 clients enter one room and are announced to all",
    unit: "server CPU-seconds",
    better: "less",
    rows: [{ work: "all join_room events sent at once", inFlight: "1,000", figures }],
  };
}
