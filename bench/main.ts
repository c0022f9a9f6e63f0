import { cpus, release, totalmem } from "node:os";
import { Bench } from "./bench.ts";
import { pinToLoadCore } from "./load/pin.ts";
import { follow } from "./client/follow.ts";
import { twoDrains } from "./client/two-drains.ts";
import { ackLatency, acks } from "./parts/acks.ts";
import { attacks } from "./parts/attacks.ts";
import { crossNode } from "./parts/fleet/cross-node.ts";
import { drain } from "./parts/drain.ts";
import { fanout } from "./parts/fanout.ts";
import { appHandlers } from "./parts/handlers.ts";
import { handshakes, newcomers } from "./parts/handshakes.ts";
import { idle, idleCpu } from "./parts/idle.ts";
import { joinStorm } from "./parts/join-storm.ts";
import { latency } from "./parts/latency.ts";
import { recovery } from "./parts/recovery.ts";
import { recoveryCrowd } from "./parts/recovery-crowd.ts";
import { redisOutage } from "./parts/redis-outage.ts";
import type { PartResult } from "./measure/result.ts";
import { scaling } from "./parts/fleet/scaling.ts";
import { seatRace } from "./parts/fleet/seat-race.ts";
import { slowReaders } from "./parts/slow-readers.ts";
import { save } from "./report/save.ts";
import { markdownTable } from "./report/table.ts";

/**
 * The program of `make bench`. `make bench BENCH=fanout` runs one part. This process is the load generator and has one
 * CPU core. The servers under test are its child processes and have the other core.
 */
const parts: Record<string, (bench: Bench) => Promise<PartResult>> = {
  fanout,
  latency,
  "cross-node": crossNode,
  handshakes,
  newcomers,
  acks,
  "ack-latency": ackLatency,
  handlers: appHandlers,
  idle,
  "idle-cpu": idleCpu,
  "slow-readers": slowReaders,
  recovery,
  "join-storm": joinStorm,
  drain,
  "two-drains": twoDrains,
  attacks,
  "redis-outage": redisOutage,
  "seat-race": seatRace,
  "recovery-crowd": recoveryCrowd,
  follow,
  scaling,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  console.error(`BENCH=${unknown.join(" ")}: no such part; the parts are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}
const isPinned = pinToLoadCore();

const bench = new Bench();
try {
  for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
    const start = performance.now();
    const result = await parts[name]!(bench);
    console.log(`${markdownTable(result)}\n\n${name}: ${Math.round((performance.now() - start) / 1_000)} s\n`);
    // Save each part as soon as it ends: if a later part fails, the figures of this part are not lost.
    await save(machine(), new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC", { [name]: result });
  }
} finally {
  await bench.close();
}
process.exit(0);

function machine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const pinning = isPinned ? "servers on core 0, load generator on core 1" : "not pinned";
  return `${cpus().length} × ${cpus()[0]!.model}, ${memory}, Linux ${release()}, Node ${process.version}, loopback, ${pinning}`;
}
