// Undocumented members of ioredis 6. For a Sentinel or a Cluster's node that can't be reached it reports
// "Connection is closed" and drops the reason.
import { SentinelConnector, type AbstractConnector, type Redis, type RedisOptions } from "ioredis";
import StandaloneConnector from "ioredis/built/connectors/StandaloneConnector.js";

type Connector = NonNullable<RedisOptions["Connector"]>;
/** Hears of each error of a connection, and of each connection that is made (undefined). */
type OnConnection = (error: Error | undefined) => void;

interface SentinelConnectorInside {
  connectToSentinel(endpoint: unknown, options?: unknown): Redis;
}

/** As ioredis' own connector to one server, which reports its connections. */
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

/** As ioredis' own connector by Sentinels, which reports its connections to them. */
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
