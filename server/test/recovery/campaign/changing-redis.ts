import { rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedis, type TestRedis } from "../../../../testkit/redis.ts";
import { until } from "../../../../testkit/until.ts";

/** The Redis of a fleet. A test can replace it by its replica. */
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

  /** Restarts Redis with the data that it has now. */
  async restartWithData(): Promise<void> {
    const folder = await admin(this.#server, async (client) => {
      await client.save();
      return (await client.config("GET", "dir")) as [string, string];
    });
    await this.#server.kill();
    await this.#server.restart();
    // Remove the data again, so that the next restart has none.
    rmSync(join(folder[1], "dump.rdb"));
  }

  /**
   * Makes a replica that has stopped following the primary. Writes in between are lost with the old primary.
   * `behind` runs after the replica has stopped following.
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

  /** Makes the replaced server a replica of the new primary. It keeps answering. */
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
