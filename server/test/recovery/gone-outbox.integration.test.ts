import { describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { MOST_GONE_BATCH_BYTES, MOST_GONE_BYTES } from "../../src/recovery/gone/gone-bounds.ts";
import { GoneOutbox, type GoneBatch } from "../../src/recovery/gone/gone-outbox.ts";
import type { RecoveryLink } from "../../src/recovery/redis/recovery-link.ts";
import { stage } from "../support/stage.ts";
import { LOG_BASE, startLogNode } from "./log-node.ts";

const on = stage();
const LEASE_MS = 60_000;
const idsOf = ({ entries }: GoneBatch): string[] => entries.map(({ id }) => id);

/** Starts the outboxes of two gateways on one Redis. A test can break the first one's connection to Redis. */
async function outboxes() {
  const redis = await on.redis();
  const client = new Redis(redis.url);
  on.defer(() => client.disconnect());
  const node = await startLogNode(redis.url, "one");
  on.defer(() => node.close());
  let isUp = true;
  const link = (): RecoveryLink => node.link;
  const options = { isWanted: () => true, graceMs: () => 0, nowMs: Date.now };
  const one = new GoneOutbox({ ...options, link: () => (isUp ? link() : undefined) });
  const two = new GoneOutbox({ ...options, link });
  return { client, one, two, unlink: () => (isUp = false), relink: () => (isUp = true) };
}

describe("the outbox in Redis", () => {
  test("gives each entry to one gateway, until its lease ends or it is removed", async () => {
    const { client, one, two } = await outboxes();
    for (const id of ["a", "b", "c"]) one.keep({ id, dueInMs: 0, text: "{}" });
    const first = await one.take(2, LEASE_MS);
    expect(first).toMatchObject({ waiting: 3, dropped: 0, source: "redis" });
    const second = await two.take(9, LEASE_MS);
    expect([...idsOf(first), ...idsOf(second)].sort()).toEqual(["a", "b", "c"]);
    expect(idsOf(await two.take(9, LEASE_MS))).toEqual([]);
    one.postpone(first, -1);
    expect(idsOf(await two.take(9, LEASE_MS))).toEqual(idsOf(first));
    await one.remove(first);
    two.postpone(first, -1);
    expect(await two.take(9, LEASE_MS)).toMatchObject({ entries: [], waiting: 1 });
    await two.remove(second);
    await two.take(9, LEASE_MS);
    expect(await client.keys(`${LOG_BASE}gone*`)).toEqual([]);
  });

  test("is not given before it is due, and has an absence once", async () => {
    const { one, two } = await outboxes();
    one.keep({ id: "a", dueInMs: LEASE_MS, text: "{}" });
    expect(await one.take(9, LEASE_MS)).toMatchObject({ entries: [], waiting: 1 });
    two.keep({ id: "a", dueInMs: 0, text: "{}" });
    expect(await two.take(9, LEASE_MS)).toMatchObject({ entries: [], waiting: 1 });
  });

  test("drops the oldest when there are too many bytes, and counts them once", async () => {
    const { client, one, two } = await outboxes();
    const text = "x".repeat(1_000_000);
    const fit = Math.floor(MOST_GONE_BYTES / (text.length + 20));
    let dropped = 0;
    for (let id = 0; id < fit + 3; id += 1) {
      one.keep({ id: `${id}`.padStart(3, "0"), dueInMs: 0, text });
      dropped += (await one.take(0, LEASE_MS)).dropped;
    }
    expect(dropped).toBe(3);
    expect(await client.zcard(`${LOG_BASE}gone`)).toBe(fit);
    expect(Number(await client.get(`${LOG_BASE}gone-bytes`))).toBeLessThanOrEqual(MOST_GONE_BYTES);
    expect(await client.hexists(`${LOG_BASE}gone-texts`, "000")).toBe(0);
    expect(text.length).toBeGreaterThan(MOST_GONE_BATCH_BYTES);
    expect(idsOf(await two.take(9, LEASE_MS))).toEqual(["003"]);
  });

  test("gets the entries that a gateway kept while it could not use Redis", async () => {
    const { one, two, unlink, relink } = await outboxes();
    unlink();
    for (const id of ["a", "b"]) one.keep({ id, dueInMs: 0, text: "{}" });
    const taken = await one.take(1, 0);
    expect(taken).toMatchObject({ source: "memory", waiting: 2 });
    await one.remove(taken);
    relink();
    await one.take(0, LEASE_MS);
    expect(idsOf(await two.take(9, LEASE_MS))).toEqual(["b"]);
  });
});
