import { setTimeout as pause } from "node:timers/promises";
import type { LightClient } from "../../load/light-client.ts";
import { sendSteadily } from "../../load/sender.ts";
import type { RedisUsage } from "../../measure/redis-usage.ts";
import type { PartResult, Row } from "../../measure/result.ts";
import { Fleet, type FleetCosts } from "./fleet.ts";

/** The largest fleet first, because it fails first if the machine is too busy. */
const SIZES = [12, 8, 4, 2];
/** Multiplies the warm-up. With 2, the figures show whether 1 is enough. */
const WARM_UP = Number(process.env["SCALING_WARM_UP"] ?? 1);
const WARM_MESSAGES = 20_000 * WARM_UP;
/** Messages that all gateways together receive per second in the warm-up, so that they do not fill their core. */
const WARM_RECEIVED_PER_SECOND = 3_000;
const WARM_DELIVERED = 5_000 * WARM_UP;
const WARM_DELIVERED_PER_SECOND = 200;
const WARM_CLIENTS = 1_000 * WARM_UP;

const IDLE_SECONDS = 20;
/** With more, twelve gateways would fill their core. Messages would wait for each other, and each would cost less. */
const RATE = 60;
/** Higher rates, with which only a fleet of two gateways is measured. */
const HIGHER_RATES = [250, 1_000, 2_500];
const RATE_FLEET = 2;
const STREAM_SECONDS = 30;
const MOST_MESSAGES = 40_000;
const DELIVERED = 1_000;
const DELIVERED_PER_SECOND = 50;
const CLIENTS = 400;
const BYTES = 300;
const SENDERS = 20;
const MEMBERS = 200;

type Figures = Record<string, number>;

/** How the costs of a message and of a client grow with the number of gateways on one Redis, and with the rate. */
export async function scaling(): Promise<PartResult> {
  const figures: Record<string, Figures> = {};
  for (const size of SIZES) {
    // New columns come first, because the smallest fleet is measured last.
    for (const [work, figure] of Object.entries(await figuresOf(size)))
      figures[work] = { [`${size} gateways`]: figure, ...figures[work] };
    console.log(`${size} gateways: ${JSON.stringify(figures)}`);
  }
  const rows: Row[] = Object.entries(figures).map(([work, byFleet]) => ({ work, inFlight: "-", figures: byFleet }));
  const count = (value: number): string => value.toLocaleString("en");
  return {
    title: "Costs in a growing fleet",
    unit: "CPU microseconds, unless the row says otherwise",
    better: "less",
    rows,
    footnote:
      `All processes share one core. Messages of ${BYTES} B, with recovery on; the sender waits for no ack, and is the only member of its room. ` +
      `For deliveries, ${MEMBERS} members are on another gateway, and ${DELIVERED_PER_SECOND} messages are sent per second. ` +
      `Before anything is counted, each gateway has handled ${count(WARM_MESSAGES)} messages of another gateway and ${count(WARM_CLIENTS)} clients that connected and left, ` +
      `one gateway has sent those messages, and one has delivered ${count(WARM_DELIVERED)} to ${MEMBERS} members. The cost of the idle processes is subtracted. ` +
      "Redis counts commands inside scripts, too.",
  };
}

async function figuresOf(size: number): Promise<Figures> {
  const fleet = await Fleet.start(size);
  try {
    const { send, deliver } = await prepared(fleet);
    await fleet.comeAndGo("warm-up", WARM_CLIENTS);
    await fleet.costsOf(() => send(WARM_MESSAGES, Math.round(WARM_RECEIVED_PER_SECOND / size), true));
    await fleet.costsOf(() => deliver(WARM_DELIVERED, WARM_DELIVERED_PER_SECOND, true));
    const idle = perSecond(await fleet.costsOf(() => pause(IDLE_SECONDS * 1_000)));
    const atRate = async (rate: number): Promise<Figures> => {
      const messages = Math.min(rate * STREAM_SECONDS, MOST_MESSAGES);
      return costsOfMessages(withoutIdle(await fleet.costsOf(() => send(messages, rate)), idle), messages, rate);
    };
    const sent = await atRate(RATE);
    const delivered = withoutIdle(await fleet.costsOf(() => deliver(DELIVERED, DELIVERED_PER_SECOND)), idle);
    const foreign = sent[`gateway, per message of another gateway, ${RATE}/s`]!;
    const clients = withoutIdle(await fleet.costsOf(() => fleet.comeAndGo("client", CLIENTS)), idle);
    const figures: Figures = {
      ...sent,
      "gateway, per delivery to a client": (delivered.gateways[1]! / DELIVERED - foreign) / MEMBERS,
      ...costsOfClients(clients, CLIENTS * size),
      "gateway without work, per second": mean(idle.gateways),
      "Redis without work, per second": idle.redis.cpuMicros,
    };
    if (size === RATE_FLEET) for (const rate of HIGHER_RATES) Object.assign(figures, await atRate(rate));
    return figures;
  } finally {
    await fleet.close();
  }
}

function costsOfMessages({ gateways, redis }: FleetCosts, messages: number, rate: number): Figures {
  return {
    [`gateway, per message that its client sends, ${rate}/s`]: gateways[0]! / messages,
    [`gateway, per message of another gateway, ${rate}/s`]: mean(gateways.slice(1)) / messages,
    [`Redis, per message, ${rate}/s`]: redis.cpuMicros / messages,
    [`Redis, commands per message, ${rate}/s`]: redis.commands / messages,
    [`Redis, bytes received per message, ${rate}/s`]: redis.bytesReceived / messages,
    [`Redis, bytes sent per message, ${rate}/s`]: redis.bytesSent / messages,
  };
}

function costsOfClients({ gateways, redis }: FleetCosts, clients: number): Figures {
  const micros = mean(gateways) * gateways.length;
  return {
    "gateway, per client that connects and leaves": micros / clients,
    "Redis, per client that connects and leaves": redis.cpuMicros / clients,
    "Redis, commands per client that connects and leaves": redis.commands / clients,
    "Redis, bytes received per client that connects and leaves": redis.bytesReceived / clients,
    "Redis, bytes sent per client that connects and leaves": redis.bytesSent / clients,
  };
}

type Send = (messages: number, perSecond: number, warmUp?: boolean) => Promise<void>;

/** Connects the clients that send, to the first gateway, and those that receive, to the second. */
async function prepared({ bench, rigs }: Fleet): Promise<{ send: Send; deliver: Send }> {
  const [publisher, receiver] = rigs as [Fleet["rigs"][0], Fleet["rigs"][0]];
  const ownRoom = (index: number): string => `own-${index}`;
  const senders = await bench.crowd(publisher, SENDERS, (index) => [ownRoom(index), "shared"]);
  await bench.crowd(receiver, MEMBERS, () => ["shared"]);
  const sending =
    (clients: LightClient[], roomOf: (index: number) => string): Send =>
    (messages, perSecond, warmUp = false) =>
      sendSteadily(clients, { roomOf: (index) => `case:${roomOf(index)}`, bytes: BYTES, perSecond, messages, warmUp });
  return { send: sending(senders, ownRoom), deliver: sending(senders, () => "shared") };
}

function perSecond(costs: FleetCosts): FleetCosts {
  return mapped(costs, (value) => value / costs.seconds);
}

function withoutIdle(costs: FleetCosts, idle: FleetCosts): FleetCosts {
  const { seconds } = costs;
  return {
    seconds,
    gateways: costs.gateways.map((micros, index) => micros - idle.gateways[index]! * seconds),
    redis: redisOf((field) => costs.redis[field] - idle.redis[field] * seconds),
  };
}

function mapped({ seconds, gateways, redis }: FleetCosts, change: (value: number) => number): FleetCosts {
  return { seconds, gateways: gateways.map(change), redis: redisOf((field) => change(redis[field])) };
}

function redisOf(valueOf: (field: keyof RedisUsage) => number): RedisUsage {
  return {
    cpuMicros: valueOf("cpuMicros"),
    commands: valueOf("commands"),
    bytesReceived: valueOf("bytesReceived"),
    bytesSent: valueOf("bytesSent"),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
