import type { Bench } from "../bench.ts";
import { measureFanout } from "../measure/measure-fanout.ts";
import type { PartResult, Row } from "../measure/result.ts";

const READERS = 200;
const SLEEPERS = 50;

/** Measures the server's memory while a fifth of a room's members have stopped reading and all others continue. */
export async function slowReaders(bench: Bench): Promise<PartResult> {
  const growth: Row = { work: "growth of RSS, MB", inFlight: "40", figures: {} };
  const held: Row = { work: "clients that stopped reading and are still connected", inFlight: "40", figures: {} };
  for (const kind of ["bare", "fanout", "gateway"]) {
    const rig = await bench.rig(kind);
    const readers = await bench.crowd(rig, READERS, () => ["room"]);
    const sleepers = await bench.crowd(rig, SLEEPERS, () => ["sleepers"]);
    let gone = 0;
    for (const sleeper of sleepers) {
      sleeper.onClose = () => void (gone += 1);
      if (rig.kind === "gateway") sleeper.send('42/messaging,["subscribe:case",{"caseId":"room"}]');
      else sleeper.send('42["enter",["room"]]');
    }
    await rig.hasMembers("room", READERS + SLEEPERS);
    for (const sleeper of sleepers) sleeper.socket.pause();
    const before = await rig.usage("collecting");
    // These 16,000 messages of 1 KiB are more than the kernel buffers for a client that does not read.
    const run = await measureFanout(rig, {
      room: "room",
      members: readers,
      bytes: 1_024,
      perTurn: 10,
      turns: 1_600,
      window: 4,
    });
    growth.figures[kind] = (run.rssBytes - before.rssBytes) / 1e6;
    // A paused socket does not notice that the server has closed it. It notices when it reads again.
    for (const sleeper of sleepers) sleeper.socket.resume();
    await rig.idle();
    await new Promise((resolve) => setTimeout(resolve, 500));
    held.figures[kind] = SLEEPERS - gone;
    for (const client of [...readers, ...sleepers]) client.socket.destroy();
    await bench.stop(rig);
  }
  return {
    title: `Slow readers: ${SLEEPERS} of ${READERS + SLEEPERS} members stop reading`,
    unit: "the unit is in each row",
    better: "less",
    rows: [growth, held],
  };
}
