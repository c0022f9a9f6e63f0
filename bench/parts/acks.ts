import type { Bench } from "../bench.ts";
import type { LightClient } from "../load/light-client.ts";
import type { RemoteRig } from "../rigs/start.ts";
import type { PartResult } from "./result.ts";
import { medians } from "../measure/rounds.ts";

const CLIENTS = 100;
const EVENTS = 10_000;
const ROUNDS = 15;

/**
 * Acknowledged events; each client has one in flight. The gateway validates, limits and authorises each event; bare
 * Socket.IO does not.
 */
export async function acks(bench: Bench): Promise<PartResult> {
  const contenders = [];
  for (const kind of ["bare", "fanout", "gateway"]) {
    const rig = await bench.rig(kind);
    contenders.push({ rig, clients: await bench.crowd(rig, CLIENTS, () => ["room"]) });
  }
  const figures = await medians(
    contenders,
    ROUNDS,
    ({ rig }) => rig.kind,
    async ({ rig, clients }) => {
      const before = await rig.usage();
      await exchange(rig, clients, EVENTS);
      const after = await rig.usage();
      return EVENTS / ((after.cpuMicros - before.cpuMicros) / 1e6);
    },
  );
  for (const { rig } of contenders) await bench.stop(rig);
  return {
    title: "Acknowledged events",
    unit: "events per server CPU-second",
    better: "more",
    rows: [{ work: `${CLIENTS} clients, one event after the other`, inFlight: String(CLIENTS), figures }],
  };
}

const askBare = (id: number) => `42${id}["send",{"caseId":"case-7"}]`;
const askGateway = (id: number) => `42/messaging,${id}["subscribe:case",{"caseId":"case-7"}]`;

/** Clients emit and wait for the answer in turn until they have sent `events` events together. */
export function exchange(rig: RemoteRig, clients: LightClient[], events: number): Promise<void> {
  const ask = rig.kind.startsWith("gateway") ? askGateway : askBare;
  let asked = 0;
  let answered = 0;
  return new Promise((resolve) => {
    for (const client of clients) {
      const next = (): void => {
        if (asked === events) return;
        client.send(ask(asked % 1_000));
        asked += 1;
      };
      client.readTexts((text) => {
        // Engine.IO message (4), Socket.IO ack (3).
        if (text[0] !== 0x34 || text[1] !== 0x33) return;
        answered += 1;
        if (answered === events) resolve();
        else next();
      });
      next();
    }
  });
}
