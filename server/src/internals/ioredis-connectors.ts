// Undocumented members of ioredis 6. If ioredis cannot reach a Sentinel or a Cluster node, it reports only "Connection
// is closed". These connectors pass the reason on.
import { SentinelConnector, type AbstractConnector, type Redis, type RedisOptions } from "ioredis";
import StandaloneConnector from "ioredis/built/connectors/StandaloneConnector.js";

type Connector = NonNullable<RedisOptions["Connector"]>;
/** Called with the error of each failed connection, and with undefined for each successful one. */
type OnConnection = (error: Error | undefined) => void;

interface SentinelConnectorInside {
  connectToSentinel(endpoint: unknown, options?: unknown): Redis;
}

/** ioredis' own connector for one server. In addition, it calls `onConnection`. */
export function reportingConnector(onConnection: OnConnection, isEncrypted: boolean): Connector {
  return class extends StandaloneConnector.default {
    constructor(options: unknown) {
      super(options as ConstructorParameters<typeof StandaloneConnector.default>[0]);
    }

    override async connect(onError: Parameters<StandaloneConnector.default["connect"]>[0]) {
      const stream = await super.connect(onError);
      stream.once(isEncrypted ? "secureConnect" : "connect", () => onConnection(undefined));
      stream.once("error", onConnection);
      return stream;
    }
  };
}

/** ioredis' own connector for Sentinels. In addition, it calls `onConnection` for its connections to the Sentinels. */
export function reportingSentinelConnector(onConnection: OnConnection): Connector {
  const Stock = SentinelConnector as unknown as new (
    options: unknown,
  ) => Omit<AbstractConnector, "connect"> & Pick<SentinelConnector, "connect"> & SentinelConnectorInside;
  class Reporting extends Stock {
    override connectToSentinel(endpoint: unknown, options?: unknown): Redis {
      const client = super.connectToSentinel(endpoint, options);
      client.once("connect", () => onConnection(undefined));
      client.on("error", onConnection);
      return client;
    }
  }
  return Reporting as unknown as Connector;
}
