import { expect, test } from "@jest/globals";
import { redisMicros } from "./capacity.ts";
import { costAt, costs, type CostByRate } from "./costs.ts";
import { FLEETS, HIGHER_RATES, line, Measured, RATE } from "./measured.ts";

const measured = new Measured();
const inFleets = (work: string): number[] => FLEETS.map((gateways) => measured.fleet(work, gateways));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A constant may differ from the last measurement by this share. */
const TOLERANCE = 0.15;
function expectNear(constant: number, figure: number): void {
  expect(constant).toBeGreaterThan(figure * (1 - TOLERANCE));
  expect(constant).toBeLessThan(figure * (1 + TOLERANCE));
}

test.each<[work: string, cost: CostByRate]>([
  ["gateway, per message that its client sends", costs.gateway.send],
  ["gateway, per message of another gateway", costs.gateway.receive],
  ["Redis, per message", costs.redis.message],
])("the cost of a %s is the one of the last measurement at each rate", (work, cost) => {
  expect(cost.map(([perSecond]) => perSecond)).toEqual([RATE, ...HIGHER_RATES]);
  for (const perSecond of [RATE, ...HIGHER_RATES])
    expectNear(costAt(cost, perSecond), measured.fleet(`${work}, ${perSecond}/s`, 2));
});

test.each<[work: string, cost: number]>([
  ["gateway, per delivery to a client", costs.gateway.deliver],
  ["gateway, per client that connects and leaves", costs.gateway.connect],
  ["gateway without work, per second", costs.gateway.idle],
  ["Redis, per client that connects and leaves", costs.redis.connect],
])("the cost of a %s is the mean of the last measurement", (work, cost) => {
  expectNear(cost, mean(inFleets(work)));
});

test("the cost of a message for Redis grows with the fleet as in the last measurement", () => {
  const ratio = (gateways: number): number => redisMicros(RATE, gateways) / redisMicros(RATE, 2);
  const fit = line(FLEETS.map((gateways) => [gateways, measured.fleet(`Redis, per message, ${RATE}/s`, gateways)]));
  expectNear(ratio(12), fit(12) / fit(2));
});

test("the cost of an idle gateway for Redis is that of the last measurement", () => {
  const points = FLEETS.map(
    (gateways) => [gateways, measured.fleet("Redis without work, per second", gateways)] as const,
  );
  expectNear(12 * costs.redis.idlePerGateway, line(points)(12));
});

test("the bytes that Redis sends for a message are those of the last measurement", () => {
  const { perMessage, perByte } = costs.busBytes;
  for (const gateways of FLEETS)
    expectNear(
      (perMessage + perByte * 300) * gateways,
      measured.fleet(`Redis, bytes sent per message, ${RATE}/s`, gateways),
    );
});

test("the cost of a connected client is that of the last measurement of idle connections", () => {
  const idle = new Measured("idle-cpu");
  const [few, many] = [1_000, 19_000].map((count) =>
    idle.figure(`${count.toLocaleString("en")} connections`, "gateway"),
  );
  expectNear(costs.gateway.idleClient, ((many! - few!) / 60 / 18_000) * 1e6);
});

test("a cost between two measured rates lies between both costs, and outside of them is the nearest", () => {
  const cost: CostByRate = [
    [100, 400],
    [10_000, 4],
  ];
  expect([1, 100, 1_000, 10_000, 1e6].map((rate) => Math.round(costAt(cost, rate)))).toEqual([400, 400, 40, 4, 4]);
});
