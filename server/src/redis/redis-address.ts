import { Cluster, Redis, type RedisOptions } from "ioredis";
import { endConnectionsAtNonsense } from "./redis-replies.ts";

/** Where a Redis is: one server, a name that Sentinels resolve, or the seed nodes of a Redis Cluster. */
export type RedisTarget =
  | {
      type: "single";
      host: string;
      port: number;
      database: number;
      tls: "on" | "off";
      username?: string;
      password?: string;
    }
  | {
      type: "sentinel";
      name: string;
      sentinels: HostAndPort[];
      tls: "on" | "off";
      username?: string;
      password?: string;
    }
  | { type: "cluster"; nodes: HostAndPort[]; tls: "on" | "off"; username?: string; password?: string };

export interface HostAndPort {
  host: string;
  port: number;
}

const FORM = /^(rediss?)(\+sentinel|\+cluster)?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?$/;

/**
 * Parses redis://[user:password@]host[:port][/database], redis+sentinel://host[:port],host[:port]/name and
 * redis+cluster://host[:port],host[:port]; rediss for TLS. A problem never repeats the credentials.
 */
export function parseRedisAddress(text: string): RedisTarget | { problem: string } {
  const [, scheme, kind = "", credentials, hosts = "", path = ""] = FORM.exec(text.trim()) ?? [];
  if (scheme === undefined)
    return {
      problem:
        "REDIS_URL must look like redis://:password@host:6379, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379 (rediss for TLS)",
    };
  const defaultPort = kind === "+sentinel" ? 26379 : 6379;
  const nodes = hosts.split(",").map((host) => hostAndPort(host, defaultPort));
  if (nodes.some((node) => node === undefined))
    return { problem: "REDIS_URL must name every host as host or host:port, with a port from 1 to 65535" };
  const known = nodes as HostAndPort[];
  const colon = credentials?.indexOf(":") ?? -1;
  const username = credentials === undefined ? "" : decode(colon < 0 ? "" : credentials.slice(0, colon));
  const password = credentials === undefined ? "" : decode(credentials.slice(colon + 1));
  const common = {
    tls: scheme === "rediss" ? ("on" as const) : ("off" as const),
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
  if (kind === "+sentinel") {
    return path === ""
      ? { problem: "REDIS_URL with Sentinel must end in the name of the master: redis+sentinel://host:26379/mymaster" }
      : { type: "sentinel", name: path, sentinels: known, ...common };
  }
  if (kind === "+cluster") return { type: "cluster", nodes: known, ...common };
  const [first] = known;
  if (first === undefined || known.length > 1)
    return { problem: "REDIS_URL names several hosts: use redis+sentinel:// or redis+cluster://" };
  if (!/^\d*$/.test(path))
    return { problem: "REDIS_URL must end in a database number, or in none: redis://host:6379/0" };
  return { type: "single", ...first, database: Number(path || 0), ...common };
}

/** host:port without credentials, for logs. */
export function describeRedis(target: RedisTarget): string {
  switch (target.type) {
    case "single":
      return `${target.host}:${target.port}`;
    case "sentinel":
      return `${target.name} of Sentinel ${target.sentinels.map(({ host, port }) => `${host}:${port}`).join(",")}`;
    case "cluster":
      return `Redis Cluster ${target.nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`;
  }
}

export interface ConnectionOptions {
  /** As CLIENT LIST shows it. */
  name: string;
  random: () => number;
}

/**
 * A client that connects when told, reconnects for ever with jitter, keeps no queue while it is away and fails every pending
 * command when its connection breaks: what was written then is not known to have happened, and callers must not wait.
 */
export function redisClient(target: RedisTarget, { name, random }: ConnectionOptions): Redis | Cluster {
  endConnectionsAtNonsense();
  const retryStrategy = (attempt: number) =>
    Math.round(Math.min(50 * 2 ** Math.min(attempt, 6), 1500) * (0.5 + random()));
  const common = {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 4000,
    connectionName: name,
    retryStrategy,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls === "on" ? { tls: {} } : {}),
  } satisfies RedisOptions;
  switch (target.type) {
    case "single":
      return new Redis({ ...common, host: target.host, port: target.port, db: target.database });
    case "sentinel":
      return new Redis({
        ...common,
        name: target.name,
        sentinels: target.sentinels,
        sentinelRetryStrategy: retryStrategy,
        ...(target.password === undefined ? {} : { sentinelPassword: target.password }),
      });
    case "cluster":
      return new Cluster(target.nodes, {
        lazyConnect: true,
        enableOfflineQueue: false,
        clusterRetryStrategy: retryStrategy,
        redisOptions: common,
      });
  }
}

function hostAndPort(text: string, defaultPort: number): HostAndPort | undefined {
  const [, host, port] = /^([\w.-]+|\[[\da-fA-F:]+\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = port === undefined ? defaultPort : Number(port);
  return host === undefined || number < 1 || number > 65535
    ? undefined
    : { host: host.replace(/^\[|\]$/g, ""), port: number };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
