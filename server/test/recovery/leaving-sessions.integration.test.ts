import { describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { until } from "../../../testkit/until.ts";
import type { ClientSession } from "../../src/recovery/client-session.ts";
import { OwnerStore } from "../../src/recovery/redis/owner-store.ts";
import type { RecoveryLink } from "../../src/recovery/redis/recovery-link.ts";
import { SessionStore } from "../../src/recovery/redis/session-store.ts";
import { stage } from "../support/stage.ts";
import { LOG_BASE, startLogNode } from "./log-node.ts";

const on = stage();
const claimer = { userId: "ada", namespace: "/events", seat: "seat-2" };

const sessionOf = (hash: string, generation: number): ClientSession => ({
  ...{ hash, generation, pid: "", userId: "ada", namespace: "/events", socketId: "socket", begunAt: "1.1" },
  ...{
    rooms: new Map([["team", { isKnown: true, isGranted: false, offset: "1.1" }]]),
    seat: "seat-1",
    tokenId: undefined,
  },
  ...{ issuedAtMs: 0, state: "away", awaySinceMs: 0, hasLeft: false, onOver: () => undefined },
});

/**
 * Starts the session stores of two gateways, `one` and `two`. Both use one connection, so Redis gets their commands in
 * the order of the calls.
 */
async function stores() {
  const redis = await on.redis();
  const client = new Redis(redis.url);
  on.defer(() => client.disconnect());
  const node = await startLogNode(redis.url, "one");
  on.defer(() => node.close());
  const link = (): RecoveryLink => node.link;
  const storesOf = (owner: string) => ({
    store: new SessionStore({ link, owner, keepMs: () => 60_000, most: () => 10, onNews: () => undefined }),
    owners: new OwnerStore(link, owner),
  });
  const [one, two] = [storesOf("one"), storesOf("two")];
  const written = async (session: ClientSession): Promise<void> => {
    one.store.put(session);
    await until(
      "the session",
      async () => (await client.exists(`${LOG_BASE}session:${session.hash}`)) === 1,
      10_000,
      5,
    );
  };
  return { client, one, two, written };
}

describe("a session whose grace has passed", () => {
  test("cannot be claimed while its rooms are being left", async () => {
    const { one, two, written } = await stores();
    const session = sessionOf("hash", 1);
    await written(session);
    const answers = await Promise.all([one.owners.leave(session), two.store.claim("hash", claimer)]);
    expect(answers).toEqual(["left", "unconfirmed"]);
  });

  test("can be claimed as one that has left when its rooms were left", async () => {
    const { one, two, written } = await stores();
    const session = sessionOf("hash", 1);
    await written(session);
    expect(await one.owners.leave(session)).toBe("left");
    expect(await one.owners.confirmLeft([{ hash: "hash", gone: undefined }])).toBe(true);
    expect(await two.store.claim("hash", claimer)).toMatchObject({ userId: "ada", hasLeft: true });
  });

  test("can be claimed when the gateway that leaves its rooms has died", async () => {
    const { client, two, one, written } = await stores();
    await written(sessionOf("hash", 1));
    expect(await one.owners.leave(sessionOf("hash", 1))).toBe("left");
    await client.hincrby(`${LOG_BASE}session:hash`, "x", -800);
    expect(await two.store.claim("hash", claimer)).toMatchObject({ userId: "ada", hasLeft: true });
  });

  test("is not left when another gateway has claimed it", async () => {
    const { one, two, written } = await stores();
    const session = sessionOf("hash", 1);
    await written(session);
    const claimed = await two.store.claim("hash", claimer);
    if (typeof claimed !== "object") throw new Error("the session was not claimed");
    expect(await one.owners.leave(session)).toEqual({ generation: claimed.generation, owner: "two" });
  });

  test("is left when Redis has lost the last claim", async () => {
    const { client, one, written } = await stores();
    await written(sessionOf("hash", 5));
    await client.hset(`${LOG_BASE}session:hash`, "g", "4");
    expect(await one.owners.leave(sessionOf("hash", 5))).toBe("left");
  });
});
