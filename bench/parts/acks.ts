import type { Bench } from "../bench.ts";
import type { LightClient } from "../load/light-client.ts";
import { startableKinds } from "../peers/startable-kinds.ts";
import type { RemoteRig } from "../rigs/start.ts";
import { rotated } from "../measure/rotated.ts";
import { medians, WARM_UP_ROUNDS } from "../measure/rounds.ts";
import { median, quantile, type PartResult, type Row } from "../measure/result.ts";

const CLIENTS = 100;
const EVENTS = 10_000;
const ROUNDS = 15;

/**
 * CPU time of acknowledged events. Each client has one event without an ack at a time. The gateway validates each
 * event, counts it for the limits and checks whether the client may send it. Bare Socket.IO does none of this.
 */
export async function acks(bench: Bench): Promise<PartResult> {
  const contenders = [];
  for (const kind of await startableKinds(["bare", "fanout", "gateway", "centrifugo"])) {
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
const askGateway = (id: number, event: string) => `42/messaging,${id}["${event}",{"caseId":"case-7"}]`;
/** A publish to a channel without subscribers. Centrifugo ignores commands with the number 0. */
const askCentrifugo = (id: number) => `{"id":${id + 1},"publish":{"channel":"case-7","data":{"caseId":"case-7"}}}`;

function askOf(kind: string): (id: number, event: string) => string {
  if (kind.startsWith("gateway")) return askGateway;
  return kind.startsWith("centrifugo") ? askCentrifugo : askBare;
}

/** "43" is an ack: 4 is Engine.IO's type of a message, and 3 is Socket.IO's type of an ack. */
const isSocketIoAck = (text: Buffer): boolean => text[0] === 0x34 && text[1] === 0x33;
/** Text that begins with {"id" is a reply. Its client checks that it is no error. */
const isCentrifugoReply = (text: Buffer): boolean => text[2] === 0x69 && text[3] === 0x64;

const WAITING_CLIENTS = 200;

/** CPU time and latency of acks. Each of many clients waits for its ack before it sends the next event. */
export async function ackLatency(bench: Bench): Promise<PartResult> {
  const kinds = await startableKinds(["bare", "gateway", "centrifugo"]);
  const cpu: Record<string, number[]> = Object.fromEntries(kinds.map((kind) => [kind, []]));
  const p99: Record<string, number[]> = Object.fromEntries(kinds.map((kind) => [kind, []]));
  const contenders = [];
  for (const kind of kinds) {
    const rig = await bench.rig(kind);
    contenders.push({ rig, clients: await bench.crowd(rig, WAITING_CLIENTS, () => ["room"]) });
  }
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const { rig, clients } of rotated(contenders, round + WARM_UP_ROUNDS)) {
      const waits: number[] = [];
      const before = await rig.usage();
      await exchange(rig, clients, EVENTS, { onAck: (ms) => waits.push(ms) });
      const after = await rig.usage();
      if (round < 0) continue;
      cpu[rig.kind]!.push((after.cpuMicros - before.cpuMicros) / EVENTS);
      p99[rig.kind]!.push(
        quantile(
          waits.sort((a, b) => a - b),
          0.99,
        ),
      );
    }
  }
  for (const { rig } of contenders) await bench.stop(rig);
  const inFlight = String(WAITING_CLIENTS);
  const medianOf = (all: Record<string, number[]>): Row["figures"] =>
    Object.fromEntries(Object.entries(all).map(([kind, values]) => [kind, median(values)]));
  return {
    title: "Acks for 200 clients, each of which waits for its ack",
    unit: "the unit is in each row",
    better: "less",
    rows: [
      { work: "CPU per event, µs", inFlight, figures: medianOf(cpu) },
      { work: "time to the ack, p99, ms", inFlight, figures: medianOf(p99) },
    ],
    footnote: `${WARM_UP_ROUNDS} warm-up rounds of ${EVENTS.toLocaleString("en")} events are left out.`,
  };
}

/** Lets every client send an event, wait for the ack and send the next event. Resolves after `events` acks in total. */
export function exchange(
  rig: RemoteRig,
  clients: LightClient[],
  events: number,
  { event = "subscribe:case", onAck }: { event?: string; onAck?: (waitedMs: number) => void } = {},
): Promise<void> {
  const ask = askOf(rig.kind);
  const isAck = rig.kind.startsWith("centrifugo") ? isCentrifugoReply : isSocketIoAck;
  let asked = 0;
  let answered = 0;
  return new Promise((resolve, reject) => {
    for (const client of clients) {
      client.onClose = (error) => reject(error ?? new Error(`${rig.kind} closed the connection of a client`));
      let askedAtMs = 0;
      const next = (): void => {
        if (asked === events) return;
        askedAtMs = performance.now();
        client.send(ask(asked % 1_000, event));
        asked += 1;
      };
      client.readTexts((text) => {
        if (!isAck(text)) return;
        answered += 1;
        onAck?.(performance.now() - askedAtMs);
        if (answered === events) resolve();
        else next();
      });
      next();
    }
  });
}
