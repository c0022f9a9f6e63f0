// Writes the tables of docs/scaling.md: constants and plans from the code of `realtime plan`, and the model's errors
// from the last measurement. With --check it writes nothing, and fails when the page is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  capacityFor,
  clustersFor,
  GATEWAY_MOST_LOAD,
  gatewayLoad,
  REDIS_MOST_LOAD,
  redisLoad,
  total,
  type Capacity,
  type Demand,
} from "./capacity.ts";
import { costs } from "./costs.ts";
import { line, Measured, RATE } from "./measured.ts";
import { rate } from "./plan-text.ts";

const root = join(import.meta.dirname, "../../../..");
const target = "docs/scaling.md";
const measured = new Measured();

type Cells = readonly (string | number)[];

function table(head: Cells, rows: readonly Cells[]): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const percent = (share: number): string => `${Math.round(share * 100)} %`;

function constants(): string {
  const { gateway, redis } = costs;
  const rates = gateway.send.map(([perSecond]) => perSecond);
  const byRate = table(
    ["CPU µs of one message, by messages per second", ...rates.map((perSecond) => whole(perSecond))],
    [
      ["`send`: a gateway, for a message of its clients", ...gateway.send.map(([, micros]) => whole(micros))],
      ["`receive`: a gateway, for a message of another gateway", ...gateway.receive.map(([, micros]) => whole(micros))],
      ["`message`: Redis with two gateways", ...redis.message.map(([, micros]) => whole(micros))],
    ],
  );
  const others = table(
    ["other constants", "CPU µs"],
    [
      ["`deliver`: a gateway, for each client that gets a message", gateway.deliver],
      ["`connect`: a gateway, for each client that connects and leaves", whole(gateway.connect)],
      ["`idleClient`: a gateway, for each connected client per second", gateway.idleClient],
      ["`idle`: a gateway, per second", whole(gateway.idle)],
      ["`redisConnect`: Redis, for each client that connects and leaves", redis.connect],
      ["`redisIdle`: Redis, for each gateway per second", whole(redis.idlePerGateway)],
      [
        "`fixed`: the part of `message` that does not grow with the fleet, as a number of gateways",
        redis.fixedAsGateways,
      ],
    ],
  );
  return `${byRate}\n\n${others}`;
}

/** What a straight line through the figures of 2, 4 and 8 gateways says of 12, next to what was measured. */
function errors(): string {
  const predicted = (work: string): number =>
    line([2, 4, 8].map((gateways) => [gateways, measured.fleet(work, gateways)]))(12);
  const send = `gateway, per message that its client sends, ${RATE}/s`;
  const receive = `gateway, per message of another gateway, ${RATE}/s`;
  const redis = `Redis, per message, ${RATE}/s`;
  const works = [
    send,
    receive,
    "gateway, per delivery to a client",
    "gateway, per client that connects and leaves",
    "gateway without work, per second",
    redis,
    `Redis, bytes sent per message, ${RATE}/s`,
    "Redis, per client that connects and leaves",
    "Redis, commands per client that connects and leaves",
    "Redis without work, per second",
  ];
  const wholeFleet = (of: (work: string) => number): number =>
    12 * of("gateway without work, per second") +
    of("Redis without work, per second") +
    RATE * (of(send) + 11 * of(receive) + of(redis));
  const inFleet = (work: string): number => measured.fleet(work, 12);
  const row = (name: string, model: number, figure: number): Cells => [
    name,
    whole(model),
    whole(figure),
    `${model > figure ? "+" : ""}${whole((model / figure - 1) * 100)} %`,
  ];
  return table(
    ["12 gateways", "predicted", "measured", "error"],
    [
      ...works.map((work) => row(work, predicted(work), inFleet(work))),
      row(`**whole fleet with ${RATE} messages/s, per second**`, wholeFleet(predicted), wholeFleet(inFleet)),
    ],
  );
}

const loads: readonly Demand[] = [10_000, 100_000, 1_000_000].map((connections) => ({
  connections,
  messagesPerSecond: connections / 50,
  receivers: 10,
  messageBytes: 300,
  connectsPerSecond: connections / 3_600,
  windowSeconds: 120,
  connectionsPerGateway: 10_000,
}));

function plans(): string {
  const mebi = (bytes: number): string => `${whole(bytes / 2 ** 20)}Mi`;
  const rows = loads.map((demand): Cells => {
    const { clusters, each } = clustersFor(demand)!;
    const capacity = capacityFor(each) as Capacity;
    return [
      whole(demand.connections),
      whole(demand.messagesPerSecond),
      clusters,
      capacity.gateways,
      `${percent(total(capacity.gatewayLoad))}, ${mebi(capacity.gatewayMemory)}`,
      `${percent(capacity.redisLoad)}, ${mebi(capacity.redisMemory)}`,
      rate(capacity.bytesToClients),
      rate(capacity.bytesFromRedis),
    ];
  });
  const each = ["gateways", "CPU and memory of a gateway", "CPU and memory of Redis", "to clients", "from Redis"];
  return table(["connections", "messages/s", "clusters", ...each.map((name) => `${name}, each cluster`)], rows);
}

/** The highest whole rate of messages for which this is true. */
function highest(isEnough: (messagesPerSecond: number) => boolean): number {
  let [low, high] = [0, 10_000_000];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isEnough(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function limits(): string {
  const rounded = (value: number): string => whole(Number(value.toPrecision(2)));
  const rows = [2, 3, 6, 11, 21, 51].map((gateways): Cells => {
    const demandOf = (messagesPerSecond: number): Demand => ({
      ...loads[0]!,
      connections: (gateways - 1) * 10_000,
      messagesPerSecond,
    });
    const ofRedis = highest((messages) => redisLoad(demandOf(messages), gateways) <= REDIS_MOST_LOAD);
    const ofGateway = highest((messages) => total(gatewayLoad(demandOf(messages), gateways - 1)) <= GATEWAY_MOST_LOAD);
    return [gateways, whole((gateways - 1) * 10_000), rounded(ofGateway), rounded(ofRedis)];
  });
  return table(
    [
      "gateways",
      "connections",
      `messages/s until a gateway uses ${percent(GATEWAY_MOST_LOAD)}`,
      `until Redis uses ${percent(REDIS_MOST_LOAD)}`,
    ],
    rows,
  );
}

const sections = { constants, errors, plans, limits };
const old = readFileSync(join(root, target), "utf8");
let page = old;
for (const [name, section] of Object.entries(sections)) {
  const [start, end] = [`<!-- ${name}: written by make generate -->`, `<!-- end of ${name} -->`];
  const [head, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (head === undefined || after === undefined) throw new Error(`${target} must have the line ${start} and ${end}`);
  page = `${head}${start}\n\n${section()}\n\n${end}${after}`;
}
if (process.argv.includes("--check")) {
  if (page !== old) {
    process.stderr.write(`${target} is out of date\n`);
    process.exitCode = 1;
  }
} else writeFileSync(join(root, target), page);
