import { rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedis, type TestRedis } from "../../../../testkit/redis.ts";
import { until } from "../../../../testkit/until.ts";

/** The Redis of a fleet, which can be replaced by a replica of it. */
export class ChangingRedis {
  #server: TestRedis;
  readonly #old: TestRedis[] = [];

  private constructor(server: TestRedis) {
    this.#server = server;
  }

  static async start(): Promise<ChangingRedis> {
    return new ChangingRedis(await startRedis());
  }

  get server(): TestRedis {
    return this.#server;
  }

  /** It comes back with what it had in this moment. */
  async restartWithData(): Promise<void> {
    const folder = await admin(this.#server, async (client) => {
      await client.save();
      return (await client.config("GET", "dir")) as [string, string];
    });
    await this.#server.kill();
    await this.#server.restart();
    // The next restart is without data again.
    rmSync(join(folder[1], "dump.rdb"));
  }

  /**
   * A replica that has stopped following becomes the primary. What was written in between is lost with the old one.
   * `behind` runs after the replica stopped following.
   */
  async failOver(behind: () => Promise<void>): Promise<{ old: TestRedis }> {
    const old = this.#server;
    const args = ["--replicaof", "127.0.0.1", String(old.port), "--repl-diskless-sync-delay", "0"];
    const replica = await startRedis({ args });
    await admin(replica, async (client) => {
      const isInStep = async () => (await client.info("replication")).includes("master_link_status:up");
      await until("the replica to be in step", isInStep, 30_000, 20);
      await client.replicaof("NO", "ONE");
    });
    await behind();
    this.#server = replica;
    this.#old.push(old);
    return { old };
  }

  /** The server that was replaced answers on as a replica of the new one. */
  async demote(old: TestRedis): Promise<void> {
    await admin(old, (client) => client.replicaof("127.0.0.1", this.#server.port));
  }

  /** Ends the servers that were replaced. */
  async endOld(): Promise<void> {
    for (const old of this.#old.splice(0)) await old.stop();
  }

  async stop(): Promise<void> {
    await this.endOld();
    await this.#server.stop();
  }
}

async function admin<T>({ url }: TestRedis, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  client.on("error", () => undefined);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
