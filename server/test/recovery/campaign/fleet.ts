import { startGatewayProcess, type GatewayProcess } from "../../../../testkit/gateway/gateway-process.ts";
import { until } from "../../../../testkit/until.ts";
import { ChangingRedis } from "./changing-redis.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { post } from "./publisher.ts";

export const GATEWAYS = 3;
const WHOLE_MS = 60_000;
/** A room without members. */
const PROBE_ROOM = "probe";

/** Gateway processes behind one balancer. All use one Redis, each through its own proxy. */
export class Fleet {
  readonly balancer: FaultyProxy;
  readonly redis: ChangingRedis;
  /** The proxies between gateways and Redis, one for each gateway. */
  readonly links: readonly FaultyProxy[];
  readonly gateways: (GatewayProcess | undefined)[] = [];
  readonly #env: Record<string, string>;
  #probes = 0;

  private constructor(
    { balancer, redis, links }: Pick<Fleet, "balancer" | "redis" | "links">,
    env: Record<string, string>,
  ) {
    this.balancer = balancer;
    this.redis = redis;
    this.links = links;
    this.#env = env;
  }

  static async start(env: Record<string, string> = {}): Promise<Fleet> {
    const [balancer, redis] = [await FaultyProxy.start(), await ChangingRedis.start()];
    const links = await Promise.all(Array.from({ length: GATEWAYS }, () => FaultyProxy.start()));
    const fleet = new Fleet({ balancer, redis, links }, env);
    fleet.leadToRedis();
    await Promise.all(links.map((_, index) => fleet.start(index)));
    fleet.serve();
    return fleet;
  }

  /** Makes the proxies forward new connections of gateways to the current Redis server. */
  leadToRedis(): void {
    for (const link of this.links) link.serve([this.redis.server.port]);
  }

  /** Makes the balancer send new clients to all running gateways. */
  serve(): void {
    this.balancer.serve(this.gateways.flatMap((gateway) => (gateway === undefined ? [] : [gateway.publicPort])));
  }

  /** Starts a gateway and waits until it is ready. The balancer sends it no clients before the next call of `serve`. */
  async start(index: number): Promise<GatewayProcess> {
    const redis = { REDIS_ENABLED: "true", REDIS_URL: `redis://127.0.0.1:${this.links[index]!.port}` };
    const gateway = await startGatewayProcess({ ...redis, ...this.#env });
    await until("the gateway to be ready", () => isReady(gateway), WHOLE_MS, 20);
    this.gateways[index] = gateway;
    return gateway;
  }

  /** Makes the balancer send no new clients to this gateway. Its open connections stay. */
  remove(index: number): GatewayProcess {
    const gateway = this.gateways[index]!;
    this.gateways[index] = undefined;
    this.serve();
    return gateway;
  }

  /** Waits until each gateway can store its messages in Redis. */
  async untilWhole(): Promise<void> {
    const stores = async (gateway: GatewayProcess | undefined): Promise<boolean> =>
      gateway !== undefined &&
      (await post(gateway, { publisher: "probe", room: PROBE_ROOM, k: ++this.#probes })) === "stored";
    for (const gateway of this.gateways) await until("messages to be stored", () => stores(gateway), WHOLE_MS, 20);
  }

  async close(): Promise<void> {
    for (const gateway of this.gateways) gateway?.kill("SIGKILL");
    for (const gateway of this.gateways) await gateway?.ended;
    for (const proxy of [this.balancer, ...this.links]) await proxy.close();
    await this.redis.stop();
  }
}

async function isReady({ privatePort }: GatewayProcess): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${privatePort}/readyz`)).ok;
}
