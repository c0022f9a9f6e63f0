import { Cluster, Redis, type RedisOptions } from "ioredis";
import { reportingConnector, reportingSentinelConnector } from "../internals/ioredis-connectors.ts";
import type { RedisTarget } from "./redis-address.ts";
import { endConnectionsAtNonsense } from "../internals/ioredis.ts";
import { ConnectionFailures } from "./connection-failures.ts";
import type { ReconnectBackoff } from "./reconnect-backoff.ts";
import { reconnectStuck } from "./reconnect-stuck.ts";
import { tlsOptions } from "./redis-tls.ts";

export interface ConnectionOptions {
  /** The name of the connection in the output of CLIENT LIST. */
  name: string;
  random: () => number;
  /**
   * For a connection that can fail after its login. Without it, the wait before a reconnect starts again at each login.
   */
  backoff?: ReconnectBackoff;
}

/** Time limit for connecting by TCP and TLS, and for the answer of a Sentinel. */
const CONNECT_TIMEOUT_MS = 4000;
/** The connection is closed if Redis has sent nothing for this long during the login. */
const LOGIN_TIMEOUT_MS = 4000;

/**
 * Makes a client that connects when `connect` is called. It reconnects forever, after waits that vary randomly, and
 * queues no commands while it is disconnected. When its connection breaks, commands without an answer fail, although
 * Redis has possibly executed them. A connection also breaks when Redis does not answer the login for 4 s. Throws if
 * the TLS files cannot be used.
 */
export function redisClient(target: RedisTarget, { name, random, backoff }: ConnectionOptions): Redis | Cluster {
  endConnectionsAtNonsense();
  const untilLogin = (attempt: number) => Math.round(Math.min(50 * 2 ** Math.min(attempt, 6), 1500) * (0.5 + random()));
  const retryStrategy = backoff === undefined ? untilLogin : () => backoff.nextMs();
  const tls = target.tls === undefined ? undefined : tlsOptions(target.tls, (problem) => client.emit("error", problem));
  const common = {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: LOGIN_TIMEOUT_MS,
    connectionName: name,
    retryStrategy,
    ...credentials(target),
    ...(tls === undefined ? {} : { tls }),
  } satisfies RedisOptions;
  const failures = new ConnectionFailures(tls !== undefined);
  const reporting = {
    isEncrypted: tls !== undefined,
    opened: () => failures.opened(),
    failed: (error: Error) => failures.failed(error),
    connected: () => failures.connected(),
  };
  const client = make();
  (client as Redis).on("error", (error: Error) => failures.explain(error));
  client.on("ready", () => failures.ready());
  client.on("close", () => failures.closed());
  if (client instanceof Cluster) client.on("+node", onlyAtLogin);
  else onlyAtLogin(client);
  reconnectStuck(client);
  return client;

  function make(): Redis | Cluster {
    switch (target.type) {
      case "single":
        return new Redis({
          ...common,
          Connector: reportingConnector(reporting),
          ...{ host: target.host, port: target.port, db: target.database },
        });
      case "sentinel": {
        // ioredis 6 uses `tls` for Sentinels, and for the servers that Sentinels name, only if both of these options
        // are set.
        const encrypted = tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true };
        const { username, password } = target.sentinelLogin ?? { password: target.password };
        return new Redis({
          ...common,
          ...encrypted,
          Connector: reportingSentinelConnector(reporting),
          name: target.name,
          sentinels: target.sentinels,
          sentinelRetryStrategy: untilLogin,
          // Without this time limit, ioredis waits forever for a Sentinel that accepts the connection but does not
          // answer.
          sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
          ...(username === undefined ? {} : { sentinelUsername: username }),
          ...(password === undefined ? {} : { sentinelPassword: password }),
        });
      }
      case "cluster":
        return new Cluster(target.nodes, {
          lazyConnect: true,
          enableOfflineQueue: false,
          clusterRetryStrategy: retryStrategy,
          redisOptions: { ...common, Connector: reportingConnector(reporting) },
          // ioredis replaces host names by IP addresses, which certificates rarely contain. This function makes it
          // keep the host name.
          ...(tls === undefined ? {} : { dnsLookup: (host, found) => found(null, host) }),
        });
    }
  }
}

/**
 * Lets the time limit for answers of Redis hold only until the client has logged in. Later, the callers' own limits
 * hold. When this process was paused, those let it read the answers that have arrived first.
 */
function onlyAtLogin(client: Redis): void {
  client.on("ready", () => delete client.options.socketTimeout);
  client.on("close", () => (client.options.socketTimeout = LOGIN_TIMEOUT_MS));
}

function credentials({ username, password }: RedisTarget): Pick<RedisOptions, "username" | "password"> {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}
