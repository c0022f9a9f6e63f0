import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { keepAwake } from "../load/keep-awake.ts";
import type { LightClient } from "../load/light-client.ts";
import { median, quantile, type PartResult, type Row } from "../measure/result.ts";
import { rotated } from "../measure/rotated.ts";
import { WARM_UP_ROUNDS } from "../measure/rounds.ts";
import type { RemoteRig } from "../rigs/start.ts";
import { exchange } from "./acks.ts";

const CLIENTS = 1_000;
const EVENTS = 10_000;
const ROUNDS = 15;
/** The requests that a gateway has in flight to one handler, by default. */
const IN_FLIGHT = 64;
const EVENTS_PER_SECOND = 1_000;
const SECONDS = 4;
const LATENCY_ROUNDS = 5;

/** The peers, by the name of their rig. */
const NAMES: Record<string, string> = {
  gateway: "built in",
  "gateway+module": "in the image",
  "gateway+handler": "over HTTP",
  requests: "one request",
};

interface Contender {
  rig: RemoteRig;
  clients: LightClient[];
  event: string;
}

/** An event of the application against the same event built in: over HTTP, and in the gateway's process. */
export async function appHandlers(bench: Bench): Promise<PartResult> {
  const handler = await bench.rig("handler");
  const handlerUrl = `http://127.0.0.1:${handler.port}/`;
  const contenders: Contender[] = [];
  for (const kind of ["gateway", "gateway+module", "gateway+handler"]) {
    const rig = await bench.rig(kind, { handlerUrl });
    const event = kind === "gateway" ? "subscribe:case" : "case:subscribe";
    contenders.push({ rig, clients: await bench.crowd(rig, CLIENTS, () => ["case-7"]), event });
  }
  for (const { rig, clients, event } of contenders) await exchange(rig, clients, CLIENTS, { event });
  const { headers, body } = (await (await fetch(handlerUrl)).json()) as {
    headers: Record<string, string>;
    body: string;
  };
  const requests = await bench.rig("requests", { request: { url: handlerUrl, headers, body } });

  const micros = await cpuPerEvent(contenders, requests);
  const rows = [...cpuRows(micros), ...(await latencyRows(contenders))];
  for (const { rig } of contenders) await bench.stop(rig);
  await bench.stop(requests);
  await bench.stop(handler);
  return {
    title: "Events of the application, 1,000 clients",
    unit: "the unit is in each row",
    better: "less",
    rows,
    footnote: `One request: what undici uses for a keep-alive request with the same ${Buffer.byteLength(body)} bytes to the same handler, ${IN_FLIGHT} at a time. Yardstick: the event built in, and over HTTP the event built in plus one such request. ${WARM_UP_ROUNDS} warm-up rounds of ${EVENTS.toLocaleString("en")} events are not counted.`,
  };
}

/** CPU time of the gateway per event, in microseconds, by kind of rig. */
async function cpuPerEvent(contenders: Contender[], requests: RemoteRig): Promise<Record<string, number>> {
  const micros: Record<string, number[]> = Object.fromEntries(Object.keys(NAMES).map((kind) => [kind, []]));
  const works = [
    ...contenders.map(({ rig, clients, event }) => ({ rig, work: () => exchange(rig, clients, EVENTS, { event }) })),
    { rig: requests, work: () => requests.ask(EVENTS, IN_FLIGHT) },
  ];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const { rig, work } of rotated(works, round + WARM_UP_ROUNDS)) {
      const before = await rig.usage();
      await work();
      const after = await rig.usage();
      if (round >= 0) micros[rig.kind]!.push((after.cpuMicros - before.cpuMicros) / EVENTS);
    }
  }
  return Object.fromEntries(Object.entries(micros).map(([kind, values]) => [kind, median(values)]));
}

function cpuRows(micros: Record<string, number>): Row[] {
  const [builtIn, inImage, overHttp, request] = Object.keys(NAMES).map((kind) => micros[kind]!) as [
    number,
    number,
    number,
    number,
  ];
  const inFlight = CLIENTS.toLocaleString("en");
  return [
    {
      work: "over HTTP: CPU of the gateway per event, µs",
      inFlight,
      figures: {
        "built in": builtIn,
        "one request": request,
        yardstick: builtIn + request,
        "over HTTP": overHttp,
      },
    },
    {
      work: "in the image: CPU of the gateway per event, µs",
      inFlight,
      figures: { "built in": builtIn, yardstick: builtIn, "in the image": inImage },
    },
    {
      work: "events per second of the gateway's CPU",
      inFlight,
      figures: Object.fromEntries(
        Object.entries({ "built in": builtIn, "over HTTP": overHttp, "in the image": inImage }).map(([name, value]) => [
          name,
          1e6 / value,
        ]),
      ),
    },
  ];
}

/** The time to the ack at a fixed rate, in milliseconds. */
async function latencyRows(contenders: Contender[]): Promise<Row[]> {
  const waits = new Map(contenders.map(({ rig }) => [rig.kind, { p50: [] as number[], p99: [] as number[] }]));
  for (let round = 0; round < LATENCY_ROUNDS; round += 1) {
    for (const contender of rotated(contenders, round)) {
      const waited = await paced(contender);
      waits.get(contender.rig.kind)!.p50.push(quantile(waited, 0.5));
      waits.get(contender.rig.kind)!.p99.push(quantile(waited, 0.99));
    }
  }
  return (["p50", "p99"] as const).map((name) => ({
    work: `time to the ack at a fixed rate, ${name}, ms`,
    inFlight: `${EVENTS_PER_SECOND.toLocaleString("en")}/s`,
    figures: Object.fromEntries([...waits].map(([kind, values]) => [NAMES[kind]!, median(values[name])])),
  }));
}

/** Every client sends its events at a fixed rate. Returns the sorted times to the acks. */
async function paced({ rig, clients, event }: Contender): Promise<number[]> {
  const waited: number[] = [];
  const askedAtMs: number[] = [];
  const count = EVENTS_PER_SECOND * SECONDS;
  const all = Promise.withResolvers<void>();
  for (const [index, client] of clients.entries()) {
    client.readTexts((text) => {
      if (text[0] !== 0x34 || text[1] !== 0x33) return;
      waited.push(performance.now() - askedAtMs[index]!);
      if (waited.length === count) all.resolve();
    });
  }
  const polling = keepAwake();
  const startedAtMs = performance.now();
  for (let sent = 0; sent < count; sent += 1) {
    const leftMs = startedAtMs + (sent / EVENTS_PER_SECOND) * 1_000 - performance.now();
    if (leftMs > 0) await sleep(leftMs);
    const index = sent % clients.length;
    askedAtMs[index] = performance.now();
    clients[index]!.send(`42/messaging,1["${event}",{"caseId":"case-7"}]`);
  }
  await all.promise;
  polling.stop();
  void rig;
  return waited.sort((a, b) => a - b);
}
