import { expect } from "@jest/globals";
import { startBalancer, type Balancer } from "../../../testkit/balancer.ts";
import { startGatewayProcess, type GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import {
  connectClient,
  openClient,
  refusedClient,
  type ClientOptions,
  type RefusalSeen,
  type TestClient,
} from "../../../testkit/gateway/gateway-client.ts";
import { startGateway, type TestClock, type TestGateway } from "./gateway.ts";
import type { Ports } from "../../../testkit/gateway/gateway-settings.ts";
import { closeAfterEach } from "../../../testkit/close-after-each.ts";
import { startRedis, type RedisOptions, type TestRedis } from "../../../testkit/redis.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { until } from "../../../testkit/until.ts";
import type { RefusalCode } from "../../src/protocol/refusals.ts";

/** Starts gateways, clients and servers for a test. After the test it closes all of them, the newest first. */
export interface Stage {
  gateway: (env?: Record<string, string>, clock?: TestClock) => Promise<TestGateway>;
  /** Starts a gateway in its own process. */
  child: (env?: Record<string, string>, flags?: readonly string[]) => Promise<GatewayProcess>;
  balancer: (gateways: readonly Pick<Ports, "publicPort">[]) => Promise<Balancer>;
  redis: (options?: RedisOptions) => Promise<TestRedis>;
  /** Starts several gateways that share one Redis, and waits until all of them are ready. */
  cluster: (count: number, env?: Record<string, string>) => Promise<{ redis: TestRedis; gateways: TestGateway[] }>;
  connect: (ports: Pick<Ports, "publicPort">, options?: ClientOptions) => Promise<TestClient>;
  open: (ports: Pick<Ports, "publicPort">, options?: ClientOptions) => Promise<TestClient>;
  refused: (ports: Pick<Ports, "publicPort">, options?: ClientOptions) => Promise<RefusalSeen>;
  /**
   * Starts a stock client and waits until the gateway has refused it twice with this code, over HTTP or by a close.
   * Checks that the client keeps trying by itself.
   */
  turnedAway: (gateway: Ports, code: RefusalCode, options?: ClientOptions) => Promise<TestClient>;
  defer: (close: () => unknown) => void;
}

export function stage(): Stage {
  const kept = closeAfterEach();
  const gateway = async (env?: Record<string, string>, clock?: TestClock): Promise<TestGateway> => {
    const started = await startGateway(env, clock);
    return kept(started, () => started.close());
  };
  const redis = async (options?: RedisOptions): Promise<TestRedis> => {
    const started = await startRedis(options);
    return kept(started, () => started.stop());
  };
  const client = async (connecting: Promise<TestClient>): Promise<TestClient> => {
    const connected = await connecting;
    return kept(connected, () => connected.close());
  };
  return {
    gateway,
    redis,
    async child(env, flags) {
      const started = await startGatewayProcess(env, flags);
      return kept(started, async () => {
        started.kill("SIGKILL");
        await started.ended;
      });
    },
    async balancer(gateways) {
      const started = await startBalancer(gateways.map(({ publicPort }) => publicPort));
      return kept(started, () => started.close());
    },
    async cluster(count, env = {}) {
      const shared = await redis();
      const gateways = await Promise.all(
        Array.from({ length: count }, () => gateway({ REDIS_ENABLED: "true", REDIS_URL: shared.url, ...env })),
      );
      await Promise.all(gateways.map(({ bus }) => bus.whenReady()));
      return { redis: shared, gateways };
    },
    connect: (ports, options) => client(connectClient(ports, options)),
    open: (ports, options) => client(openClient(ports, options)),
    refused: refusedClient,
    async turnedAway(gateway, code, options = {}) {
      const refusals = (): Promise<number> => metricOf(gateway, "realtime_refusals_total", { code });
      const before = await refusals();
      const patient = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 100 };
      const opened = await client(openClient(gateway, { ...options, options: { ...patient, ...options.options } }));
      await until(`${code} twice`, async () => (await refusals()) >= before + 2, 30_000, 10);
      expect([opened.socket.connected, opened.socket.active]).toEqual([false, true]);
      return opened;
    },
    defer: (close) => kept(undefined, close),
  };
}
