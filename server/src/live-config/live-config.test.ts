import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { liveBounds } from "../protocol/limits.ts";
import { canonicalJson, hashOf, parseLiveConfig, type LiveConfig } from "./live-config.ts";

const current: LiveConfig = {
  generation: 3,
  limits: {
    maxConnections: 1,
    maxConnectionsPerUser: 2,
    maxRoomsPerUser: 3,
    maxEventsPerMinute: 4,
    maxMessageBytes: 1024,
    maxConnectionsPerAddress: 6,
    maxQueuedBytes: 16_384,
  },
  origins: ["https://app.example.com"],
  rooms: "claims",
  drain: { connectionsPerSecond: 100 },
  maxConnectionAgeSeconds: 0,
  recovery: { windowSeconds: 120, presenceGraceSeconds: 15 },
};

interface Schema {
  properties: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
}

describe("the resource and the gateway agree", () => {
  const crd = parse(readFileSync(join(import.meta.dirname, "../../../crds/realtimeclusters.yaml"), "utf8"), {
    merge: true,
  }) as {
    spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
  };
  const spec = crd.spec.versions[0]!.schema.openAPIV3Schema.properties["spec"]!.properties;
  const { limits, drain, recovery } = spec;
  const fields: Record<string, Schema> = {
    ...limits!.properties,
    connectionsPerSecond: drain!.properties["connectionsPerSecond"]!,
    maxConnectionAgeSeconds: spec["maxConnectionAgeSeconds"]!,
    windowSeconds: recovery!.properties["windowSeconds"]!,
    presenceGraceSeconds: recovery!.properties["presenceGraceSeconds"]!,
  };

  test("on which limits there are", () => {
    expect(Object.keys(fields).sort()).toEqual(Object.keys(liveBounds).sort());
  });

  test.each(Object.entries(liveBounds))("on %s: what the resource allows, the gateway takes", (name, [least, most]) => {
    expect(least).toBeLessThanOrEqual(fields[name]!.minimum!);
    expect(most).toBeGreaterThanOrEqual(fields[name]!.maximum!);
  });
});

describe("a body", () => {
  test("that leaves something out leaves it as it is", () => {
    expect(parseLiveConfig({ generation: 4 }, current)).toEqual({ config: { ...current, generation: 4 } });
    expect(parseLiveConfig({ generation: 4, limits: { maxConnections: 9 } }, current)).toEqual({
      config: { ...current, generation: 4, limits: { ...current.limits, maxConnections: 9 } },
    });
  });

  test("may be an answer that was got before, hash and all", () => {
    expect(parseLiveConfig({ ...current, hash: hashOf(current) }, current)).toEqual({ config: current });
  });

  test.each<{ name: string; body: unknown; want: string }>([
    { name: "nothing", body: undefined, want: "the body must be a JSON object" },
    { name: "text", body: "{}", want: "the body must be a JSON object" },
    { name: "a fraction of a generation", body: { generation: 1.5 }, want: "generation must be a whole number" },
    { name: "limits of a list", body: { generation: 4, limits: [] }, want: "limits must be an object" },
    {
      name: "a limit that is text",
      body: { generation: 4, limits: { maxConnections: "9" } },
      want: "limits.maxConnections must be a whole number from 1",
    },
    {
      name: "a limit that every object has",
      body: { generation: 4, limits: { constructor: 1 } },
      want: "limits.constructor is not a limit",
    },
    {
      name: "the drain's rate among the limits",
      body: { generation: 4, limits: { connectionsPerSecond: 1 } },
      want: "limits.connectionsPerSecond is not a limit",
    },
    { name: "origins that are text", body: { generation: 4, origins: "*" }, want: "origins must be a list" },
    {
      name: "origins without end",
      body: { generation: 4, origins: Array(300).fill("*") },
      want: "origins must be a list",
    },
    { name: "a recovery of nothing", body: { generation: 4, recovery: null }, want: "recovery must be an object" },
    {
      name: "a window beyond an hour",
      body: { generation: 4, recovery: { windowSeconds: 3_601 } },
      want: "recovery.windowSeconds must be a whole number of seconds from 0 to 3600; 0 turns recovery off",
    },
    {
      name: "a grace below zero",
      body: { generation: 4, recovery: { presenceGraceSeconds: -1 } },
      want: "recovery.presenceGraceSeconds must be a whole number of seconds from 0 to 3600",
    },
    {
      name: "bytes of recovery, which need a rollout",
      body: { generation: 4, recovery: { maxBytes: 1 } },
      want: "recovery.maxBytes is not a field",
    },
    {
      name: "a maximum age of text",
      body: { generation: 4, maxConnectionAgeSeconds: "1h" },
      want: "maxConnectionAgeSeconds must be a whole number of seconds from 0 to 2592000; 0: connections stay",
    },
    {
      name: "a maximum age below zero",
      body: { generation: 4, maxConnectionAgeSeconds: -1 },
      want: "maxConnectionAgeSeconds must be a whole number of seconds from 0 to 2592000; 0: connections stay",
    },
    { name: "a drain of nothing", body: { generation: 4, drain: null }, want: "drain must be an object" },
    {
      name: "a drain with more than a rate",
      body: { generation: 4, drain: { deadline: 1 } },
      want: "drain.deadline is not a field",
    },
  ])("that is or has $name is refused by name", ({ body, want }) => {
    expect(parseLiveConfig(body, current)).toEqual({ problem: expect.stringContaining(want) });
  });
});

test("the hash is over content: the order of keys does not count, that of origins does", () => {
  const reordered = {
    ...current,
    limits: Object.fromEntries(Object.entries(current.limits).reverse()) as unknown as LiveConfig["limits"],
  };
  expect(hashOf(reordered)).toBe(hashOf(current));
  expect(hashOf({ ...current, origins: ["a://b", "c://d"] })).not.toBe(
    hashOf({ ...current, origins: ["c://d", "a://b"] }),
  );
  expect(canonicalJson({ b: [1, { d: "x", c: null }], a: true })).toBe('{"a":true,"b":[1,{"c":null,"d":"x"}]}');
});
