import { startGatewayProcess, type GatewayProcess } from "../../../../testkit/gateway/gateway-process.ts";
import { until } from "../../../../testkit/until.ts";
import { ChangingRedis } from "./changing-redis.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { post } from "./publisher.ts";

export const GATEWAYS = 3;
const WHOLE_MS = 60_000;
/** A room without members. */
const PROBE_ROOM = "probe";

/** Gateway processes behind a balancer. Each has its own proxy to one Redis. */
export class Fleet {
  readonly balancer: FaultyProxy;
  readonly redis: ChangingRedis;
  /** The proxies between each gateway and Redis. */
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

  /** Sends new connections of gateways to the current Redis. */
  leadToRedis(): void {
    for (const link of this.links) link.serve([this.redis.server.port]);
  }

  /** Sends new connections of clients to all gateways. */
  serve(): void {
    this.balancer.serve(this.gateways.flatMap((gateway) => (gateway === undefined ? [] : [gateway.publicPort])));
  }

  /** Starts a gateway and waits until it is ready. The balancer does not use it yet. */
  async start(index: number): Promise<GatewayProcess> {
    const redis = { REDIS_ENABLED: "true", REDIS_URL: `redis://127.0.0.1:${this.links[index]!.port}` };
    const gateway = await startGatewayProcess({ ...redis, ...this.#env });
    await until("the gateway to be ready", () => isReady(gateway), WHOLE_MS, 20);
    this.gateways[index] = gateway;
    return gateway;
  }

  /** Removes a gateway from the balancer. Its connections stay open. */
  remove(index: number): GatewayProcess {
    const gateway = this.gateways[index]!;
    this.gateways[index] = undefined;
    this.serve();
    return gateway;
  }

  /** Waits until Redis stores what each gateway publishes. */
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
