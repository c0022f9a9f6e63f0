import type { RemoteRig } from "../rigs/start.ts";
import { keepAwake } from "../load/keep-awake.ts";
import type { LightClient } from "../load/light-client.ts";

export interface Burst {
  room: string;
  members: LightClient[];
  bytes: number;
  perTurn: number;
  turns: number;
  /** The server is at most this many turns of the event loop ahead of the clients. */
  window: number;
  /**
   * sleeps (default): the load generator sleeps when there is nothing to read. polls: its core never sleeps, see
   * keep-awake.ts.
   */
  generator?: "sleeps" | "polls";
}

export interface Measured {
  deliveries: number;
  cpuSeconds: number;
  wallSeconds: number;
  /** Share of the wall time in which the load generator was busy. */
  generatorBusy: number;
  rssBytes: number;
}

/** Lets the server send a burst of messages. Measures its CPU time until the last client has the last message. */
export async function measureFanout(rig: RemoteRig, burst: Burst, also: RemoteRig[] = []): Promise<Measured> {
  const { members, perTurn, turns, window } = burst;
  const turnMessages = perTurn * members.length;
  const wantMessages = turnMessages * turns;
  const creditEvery = Math.max(1, Math.floor(window / 4));
  let total = 0;
  let credited = 0;
  const drained = new Promise<void>((resolve, reject) => {
    for (const member of members) {
      member.onClose = (error) => reject(error ?? new Error(`${rig.kind} closed the connection of a member`));
      member.readTexts(() => {
        total += 1;
        const turnsDone = Math.floor(total / turnMessages);
        if (turnsDone - credited >= creditEvery) {
          rig.send({ do: "credit", turns: turnsDone - credited });
          credited = turnsDone;
        }
        if (total >= wantMessages) resolve();
      });
    }
  });
  const rigs = [rig, ...also];
  const before = await Promise.all(rigs.map((each) => each.usage()));
  const own = process.cpuUsage();
  const polling = burst.generator === "polls" ? keepAwake() : undefined;
  const start = performance.now();
  rig.send({ do: "burst", room: burst.room, bytes: burst.bytes, perTurn, turns, window });
  await drained;
  const wallSeconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(own);
  const generatorBusy = polling?.stop() ?? (user + system) / 1e6 / wallSeconds;
  const after = await Promise.all(rigs.map((each) => each.usage()));
  for (const member of members) {
    member.ignoreTexts();
    member.onClose = undefined;
  }
  return {
    deliveries: turns * perTurn * members.length,
    cpuSeconds: after.reduce((sum, each, index) => sum + each.cpuMicros - before[index]!.cpuMicros, 0) / 1e6,
    wallSeconds,
    generatorBusy,
    rssBytes: Math.max(...after.map((each) => each.rssBytes)),
  };
}
