// Undocumented members of ioredis 6. ioredis does not report why a Sentinel or a Cluster node cannot be reached. It
// also does not report what a server writes before it closes a new connection. These connectors report both.
import type { Socket } from "node:net";
import { SentinelConnector, type AbstractConnector, type Redis, type RedisOptions } from "ioredis";
import StandaloneConnector from "ioredis/built/connectors/StandaloneConnector.js";

type Connector = NonNullable<RedisOptions["Connector"]>;

export interface ConnectorOptions {
  isEncrypted: boolean;
  /** Called when a TCP connection has been made, before TLS. */
  opened: () => void;
  /** Called with each error of a connection. */
  failed: (error: Error) => void;
  /** Called when a connection has been made, with TLS if it is encrypted. */
  connected: () => void;
}

interface SentinelConnectorInside {
  connect(emitter: Parameters<SentinelConnector["connect"]>[0]): ReturnType<SentinelConnector["connect"]>;
  connectToSentinel(endpoint: unknown, options?: unknown): Redis;
}

/** What Redis writes to a new client that it refuses. Redis then closes the connection. */
const REFUSED = /^-(ERR max number of clients[^\r]*|DENIED[^\r]*)\r\n/;
/** The first byte of a TLS alert record (RFC 8446 §5.1). */
const TLS_ALERT = 0x15;

/** ioredis' own connector for one server. In addition, it reports each connection and each error. */
export function reportingConnector(options: ConnectorOptions): Connector {
  return class extends StandaloneConnector.default {
    constructor(stock: unknown) {
      super(stock as ConstructorParameters<typeof StandaloneConnector.default>[0]);
    }

    override async connect(onError: Parameters<StandaloneConnector.default["connect"]>[0]) {
      const stream = await super.connect(onError);
      stream.once(options.isEncrypted ? "secureConnect" : "connect", options.connected);
      stream.once("error", options.failed);
      readRefusal(stream, options);
      return stream;
    }
  };
}

/** ioredis' own connector for Sentinels. In addition, it reports each connection to a Sentinel and each error. */
export function reportingSentinelConnector(options: ConnectorOptions): Connector {
  const Stock = SentinelConnector as unknown as new (
    options: unknown,
  ) => Omit<AbstractConnector, "connect"> & SentinelConnectorInside;
  class Reporting extends Stock {
    override async connect(emitter: Parameters<SentinelConnector["connect"]>[0]) {
      const stream = await super.connect(emitter);
      readRefusal(stream, options);
      return stream;
    }

    override connectToSentinel(endpoint: unknown, more?: unknown): Redis {
      const client = super.connectToSentinel(endpoint, more);
      client.once("connect", options.connected);
      client.on("error", options.failed);
      return client;
    }
  }
  return Reporting as unknown as Connector;
}

/** If the server writes why it refuses the client, ends the connection with this reason as the error. */
function readRefusal(stream: Socket, { isEncrypted, opened }: ConnectorOptions): void {
  stream.once("connect", opened);
  // Send the whole login in one write. If the server has closed the connection, a second write would fail before the
  // server's reason is read.
  stream.once(isEncrypted ? "secureConnect" : "connect", () => {
    stream.cork();
    setImmediate(() => stream.uncork());
  });
  stream.once("data", (bytes: Buffer) => {
    const [, refusal] = REFUSED.exec(bytes.toString("latin1")) ?? [];
    if (refusal !== undefined) stream.destroy(new Error(refusal));
    else if (!isEncrypted && bytes[0] === TLS_ALERT) stream.destroy(new Error("Redis requires TLS on that port"));
  });
}
