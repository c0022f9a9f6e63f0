import { Cluster, Redis, type RedisOptions } from "ioredis";
import { reportingConnector, reportingSentinelConnector } from "../internals/ioredis-connectors.ts";
import type { RedisTarget } from "./redis-address.ts";
import { endConnectionsAtNonsense } from "../internals/ioredis.ts";
import type { ReconnectBackoff } from "./reconnect-backoff.ts";
import { tlsOptions } from "./redis-tls.ts";

export interface ConnectionOptions {
  /** As CLIENT LIST shows it. */
  name: string;
  random: () => number;
  /** For connections that can fail after their login. Without it the wait starts over with each login. */
  backoff?: ReconnectBackoff;
}

/** For the connection and TLS, and for the answer of a Sentinel. */
const CONNECT_TIMEOUT_MS = 4000;

/**
 * A client that connects on demand, reconnects forever with jitter and queues nothing while it is away.
 * When its connection breaks, pending commands fail: they may have run or not. Throws when TLS files can't be used.
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
    connectionName: name,
    retryStrategy,
    ...credentials(target),
    ...(tls === undefined ? {} : { tls }),
  } satisfies RedisOptions;
  let lastFailure: Error | undefined;
  const keepFailure = (failure: Error | undefined) => void (lastFailure = failure);
  const client = make();
  (client as Redis).on("error", (error: Error) => {
    if (error !== lastFailure) error.cause ??= lastFailure;
  });
  return client;

  function make(): Redis | Cluster {
    switch (target.type) {
      case "single":
        return new Redis({ ...common, host: target.host, port: target.port, db: target.database });
      case "sentinel": {
        // ioredis 6 takes `tls` for neither the Sentinels nor the servers they name, unless these two say so.
        const encrypted = tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true };
        const { username, password } = target.sentinelLogin ?? { password: target.password };
        return new Redis({
          ...common,
          ...encrypted,
          Connector: reportingSentinelConnector(keepFailure),
          name: target.name,
          sentinels: target.sentinels,
          sentinelRetryStrategy: untilLogin,
          // Without it a Sentinel that has taken the connection and does not answer is waited for forever.
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
          redisOptions: { ...common, Connector: reportingConnector(keepFailure, tls !== undefined) },
          // ioredis replaces names by their addresses, which certificates rarely hold.
          ...(tls === undefined ? {} : { dnsLookup: (host, found) => found(null, host) }),
        });
    }
  }
}

function credentials({ username, password }: RedisTarget): Pick<RedisOptions, "username" | "password"> {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}
