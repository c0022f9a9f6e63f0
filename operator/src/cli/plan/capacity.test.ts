import { describe, expect, test } from "@jest/globals";
import {
  capacityFor,
  clustersFor,
  gatewayLoad,
  GATEWAY_MOST_LOAD,
  redisLoad,
  total,
  type Capacity,
  type Demand,
} from "./capacity.ts";

const demand: Demand = {
  connections: 100_000,
  messagesPerSecond: 1_000,
  receivers: 10,
  messageBytes: 300,
  connectsPerSecond: 30,
  windowSeconds: 120,
  connectionsPerGateway: 10_000,
};
const capacityOf = (changes: Partial<Demand>): Capacity => {
  const capacity = capacityFor({ ...demand, ...changes });
  if ("tooMuch" in capacity) throw new Error(`${capacity.tooMuch} has a load of ${capacity.load}`);
  return capacity;
};

describe("number of gateways", () => {
  test("follows the connections when the CPU is idle, with one more that may be missing", () => {
    expect(capacityOf({ messagesPerSecond: 0 })).toMatchObject({ needed: 10, gateways: 11, decidedBy: "connections" });
  });

  test("follows the CPU when deliveries are many", () => {
    const many = { ...demand, messagesPerSecond: 100, receivers: 5_000 };
    const capacity = capacityOf(many);
    expect(capacity.decidedBy).toBe("CPU");
    expect(total(capacity.gatewayLoad)).toBeLessThanOrEqual(GATEWAY_MOST_LOAD);
    expect(total(gatewayLoad(many, capacity.needed - 1))).toBeGreaterThan(GATEWAY_MOST_LOAD);
  });

  test.each(["connections", "messagesPerSecond", "receivers", "connectsPerSecond"] as const)(
    "does not fall when %s grows",
    (part) => {
      const counts = [0.25, 0.5, 0.75, 1].map((factor) => capacityOf({ [part]: demand[part] * factor }).gateways);
      expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    },
  );
});

test("says that a gateway is the limit when the messages of the others fill its core", () => {
  expect(capacityFor({ ...demand, connections: 10_000, messagesPerSecond: 100_000 })).toMatchObject({
    tooMuch: "gateway",
  });
});

test("says that Redis is the limit when many gateways receive many messages", () => {
  expect(capacityFor({ ...demand, messagesPerSecond: 2_500, connections: 1_500_000 })).toMatchObject({
    tooMuch: "redis",
  });
});

test("says that the number of pods is the limit when connections need more than a cluster can have", () => {
  expect(capacityFor({ ...demand, messagesPerSecond: 0, connections: 20_000_000 })).toMatchObject({ tooMuch: "pods" });
});

test("finds the smallest number of clusters that carry a load together", () => {
  const large = { ...demand, connections: 1_000_000, messagesPerSecond: 20_000 };
  const { clusters, each } = clustersFor(large)!;
  expect(clusters).toBeGreaterThan(1);
  expect(capacityFor(each)).not.toHaveProperty("tooMuch");
  const fewer = clusters - 1;
  const part = { connections: 1_000_000 / fewer, messagesPerSecond: 20_000 / fewer, connectsPerSecond: 30 / fewer };
  expect(capacityFor({ ...large, ...part })).toHaveProperty("tooMuch");
});

test("says how long messages are held when the largest log is shorter than the window", () => {
  const { heldSeconds, recoveryMaxBytes } = capacityOf({ messageBytes: 20_000, receivers: 2 });
  expect(recoveryMaxBytes).toBe(512 * 2 ** 20);
  expect(heldSeconds).toBeCloseTo(recoveryMaxBytes / (1_000 * 20_400));
  expect(capacityOf({ messagesPerSecond: 100 }).heldSeconds).toBe(120);
});

test("counts more work for Redis with each gateway", () => {
  expect(redisLoad(demand, 12)).toBeGreaterThan(redisLoad(demand, 2));
});
