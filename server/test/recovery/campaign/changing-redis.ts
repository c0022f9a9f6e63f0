import { rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedis, type TestRedis } from "../../../../testkit/redis.ts";
import { until } from "../../../../testkit/until.ts";

/** The Redis server of all gateways of a test. A test can restart it, or replace it by a replica. */
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

  /** Saves the data of Redis and restarts it, so it keeps its data. */
  async restartWithData(): Promise<void> {
    const folder = await admin(this.#server, async (client) => {
      await client.save();
      return (await client.config("GET", "dir")) as [string, string];
    });
    await this.#server.kill();
    await this.#server.restart();
    // Delete the saved data, so that a later restart finds none.
    rmSync(join(folder[1], "dump.rdb"));
  }

  /**
   * Replaces the server by a replica that has stopped replicating, as in a failover. `behind` runs after the replica
   * has stopped, so the replica lacks what gateways write in this time.
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

  /** Makes the replaced server a replica of the new one. It still answers, but refuses writes. */
  async demote(old: TestRedis): Promise<void> {
    await admin(old, (client) => client.replicaof("127.0.0.1", this.#server.port));
  }

  /** Stops the replaced servers. */
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
