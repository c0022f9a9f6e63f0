import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { CentrifugoClient } from "./load/centrifugo-client.ts";
import { connect } from "./load/connect.ts";
import { LightClient, readBuffer } from "./load/light-client.ts";
import { openCrowd } from "./load/crowd.ts";
import { startRedis } from "./rigs/redis.ts";
import type { RigOptions } from "./rigs/rig.ts";
import { startRig, type RemoteRig } from "./rigs/start.ts";

/** `flags`: command-line flags of Node, in addition to those of the gateway's image. */
type RigSettings = Pick<RigOptions, "pings" | "handlerUrl" | "request"> & { flags?: string[] };

/** The servers under test, clients and tokens that every part of the benchmark uses. `close` ends all of them. */
export class Bench {
  readonly #secret = randomBytes(32).toString("hex");
  readonly #buffer = readBuffer();
  readonly #rigs = new Set<RemoteRig>();
  #redis: Promise<{ url: string; pid: number; stop(): Promise<void> }> | undefined;

  /** Starts a server under test on the CPU core that is reserved for servers. */
  async rig(kind: string, { flags = [], ...options }: RigSettings = {}): Promise<RemoteRig> {
    const redisUrl = kind.includes("redis") ? (await this.redis()).url : undefined;
    const rig = await startRig(kind, { secret: this.#secret, redisUrl, ...options }, flags);
    this.#rigs.add(rig);
    return rig;
  }

  redis(): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
    return (this.#redis ??= startRedis());
  }

  token(userId: string): Promise<string> {
    const key = new TextEncoder().encode(this.#secret);
    const claims = { rooms: ["*"] };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(userId)
      .setJti(userId)
      .setExpirationTime("1h")
      .sign(key);
  }

  /** Connects one client, with a token for this user. */
  async client(rig: RemoteRig, userId: string): Promise<LightClient> {
    return connect(rig, await this.token(userId), this.#buffer);
  }

  /** Connects `count` clients. When this resolves, the client number `index` is in the rooms `roomsOf(index)`. */
  async crowd(rig: RemoteRig, count: number, roomsOf: (index: number) => string[]): Promise<LightClient[]> {
    const clients = await openCrowd(count, 50, async (index) => {
      const rooms = roomsOf(index);
      if (rig.kind === "floor") {
        const client = await LightClient.openBare(rig.port, this.#buffer);
        client.socket.write(`${rooms.join(",")}\n`);
        return client;
      }
      const client = await this.client(rig, `user-${index}`);
      if (client instanceof CentrifugoClient) await client.subscribe(rooms);
      else if (rig.kind.startsWith("gateway"))
        for (const room of rooms) client.send(`42/messaging,["subscribe:case",{"caseId":"${room}"}]`);
      else client.send(`42["enter",${JSON.stringify(rooms)}]`);
      return client;
    });
    // Centrifugo has confirmed each subscription.
    if (rig.kind.startsWith("centrifugo")) return clients;
    const counts = new Map<string, number>();
    for (let index = 0; index < count; index += 1) {
      for (const room of roomsOf(index)) counts.set(room, (counts.get(room) ?? 0) + 1);
    }
    for (const [room, members] of counts) await rig.hasMembers(room, members);
    return clients;
  }

  /** Ends a server under test with SIGKILL, as in a crash. */
  async kill(rig: RemoteRig): Promise<void> {
    this.#rigs.delete(rig);
    await rig.kill();
  }

  async stop(rig: RemoteRig): Promise<void> {
    this.#rigs.delete(rig);
    await rig.stop();
  }

  async close(): Promise<void> {
    for (const rig of this.#rigs) await rig.stop();
    await (await this.#redis)?.stop();
  }
}
