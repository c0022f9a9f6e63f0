import type { RedisTls } from "./redis-tls.ts";

/** Address and login of a Redis. Without `tls`, the connection is not encrypted. */
export type RedisTarget = Place & Login & { tls?: RedisTls };

/**
 * One server; or the name of a primary that Sentinels know; or some nodes of a Redis Cluster, from which the client
 * learns the others.
 */
type Place =
  | ({ type: "single"; database: number } & HostAndPort)
  | { type: "sentinel"; name: string; sentinels: HostAndPort[]; sentinelLogin?: Login }
  | { type: "cluster"; nodes: HostAndPort[] };

export interface HostAndPort {
  host: string;
  port: number;
}

/** A user in Redis' access control list, and the password. Without a user name, it is Redis' default user. */
export interface Login {
  username?: string;
  password?: string;
}

type Problem = { problem: string };

const FORM = /^(rediss?)(\+sentinel|\+cluster)?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const OPTIONS = ["tlsServerName", "sentinelUsername", "sentinelPassword"] as const;
type Options = Partial<Record<(typeof OPTIONS)[number], string>>;

/**
 * Parses redis://[user:password@]host[:port][/database], redis+sentinel://host[:port],host[:port]/name and
 * redis+cluster://host[:port],host[:port]. Each can end with ?options. The scheme rediss means TLS. A problem never
 * contains the credentials.
 */
export function parseRedisAddress(text: string): RedisTarget | Problem {
  const [, scheme, kind = "", credentials, hosts = "", path = "", query = ""] =
    FORM.exec(withLowerCaseScheme(text.trim())) ?? [];
  if (scheme === undefined)
    return {
      problem:
        "REDIS_URL must look like redis://:password@host:6379, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379 (rediss for TLS)",
    };
  const nodes = hosts.split(",").map((host) => hostAndPort(host, kind === "+sentinel" ? 26379 : 6379));
  if (!nodes.every((node) => node !== undefined))
    return {
      problem:
        "REDIS_URL must name every host as host or host:port, with a port from 1 to 65535; percent-encode the characters @ : / ? # and % of a user or password",
    };
  const options = optionsIn(query);
  const problem = optionsProblem(options, scheme, kind);
  if (problem !== undefined) return { problem };
  const place = placeOf(kind, nodes, path);
  if ("problem" in place) return place;
  const login = { ...loginIn(credentials), ...(place.type === "sentinel" ? sentinelLoginIn(options) : {}) };
  return { ...place, ...login, ...(scheme === "rediss" ? { tls: tlsIn(options) } : {}) };
}

/** Schemes are case-insensitive (RFC 3986 §3.1). */
function withLowerCaseScheme(text: string): string {
  return text.replace(/^[a-z+]+(?=:)/i, (scheme) => scheme.toLowerCase());
}

function placeOf(kind: string, nodes: HostAndPort[], path: string): Place | Problem {
  if (kind === "+cluster") return { type: "cluster", nodes };
  if (kind === "+sentinel") {
    return path === ""
      ? { problem: "REDIS_URL with Sentinel must end in the name of the master: redis+sentinel://host:26379/mymaster" }
      : { type: "sentinel", name: path, sentinels: nodes };
  }
  const [first] = nodes;
  if (first === undefined || nodes.length > 1)
    return { problem: "REDIS_URL names several hosts: use redis+sentinel:// or redis+cluster://" };
  if (!/^\d*$/.test(path)) return { problem: "REDIS_URL may end only in a database number: redis://host:6379/0" };
  return { type: "single", ...first, database: Number(path || 0) };
}

/** host:port without credentials, for logs. */
export function describeRedis(target: RedisTarget): string {
  const list = (nodes: HostAndPort[]) =>
    `${nodes.map(({ host, port }) => `${host}:${port}`).join(",")}${target.tls === undefined ? "" : " over TLS"}`;
  switch (target.type) {
    case "single":
      return list([target]);
    case "sentinel":
      return `${target.name} of Sentinel ${list(target.sentinels)}`;
    case "cluster":
      return `Redis Cluster ${list(target.nodes)}`;
  }
}

function hostAndPort(text: string, defaultPort: number): HostAndPort | undefined {
  const [, host, port] = /^([\w.-]+|\[[\da-fA-F:]+\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = port === undefined ? defaultPort : Number(port);
  return host === undefined || number < 1 || number > 65535
    ? undefined
    : { host: host.replace(/^\[|\]$/g, ""), port: number };
}

/** Parses `password@`, `:password@` or `user:password@`. */
function loginIn(credentials = ""): Login {
  const colon = credentials.indexOf(":");
  return login(decoded(credentials.slice(0, Math.max(0, colon))), decoded(credentials.slice(colon + 1)));
}

function login(username = "", password = ""): Login {
  return { ...(username === "" ? {} : { username }), ...(password === "" ? {} : { password }) };
}

function tlsIn({ tlsServerName: serverName }: Options): RedisTls {
  return serverName === undefined ? {} : { serverName };
}

/**
 * The login for Sentinels. Without the option sentinelPassword, the Sentinels get the password of Redis. If the option
 * is empty, they get no password.
 */
function sentinelLoginIn({ sentinelUsername, sentinelPassword }: Options): { sentinelLogin?: Login } {
  return sentinelPassword === undefined ? {} : { sentinelLogin: login(sentinelUsername, sentinelPassword) };
}

function optionsIn(query: string): Options {
  const pairs = query.split("&").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
      return [name, decoded(value)];
    }),
  );
}

function optionsProblem(options: Options, scheme: string, kind: string): string | undefined {
  if (Object.keys(options).some((name) => !OPTIONS.some((option) => option === name)))
    return `REDIS_URL has an unknown option: after the ? it may have ${OPTIONS.join(", ")}; for TLS begin it with rediss, and write the database as /0`;
  if (options.tlsServerName !== undefined && scheme !== "rediss")
    return "REDIS_URL has tlsServerName but does not use TLS: begin it with rediss";
  if (options.tlsServerName === "")
    return "REDIS_URL has an empty tlsServerName: set it to a name from the certificate";
  if (kind !== "+sentinel" && (options.sentinelUsername ?? options.sentinelPassword) !== undefined)
    return "REDIS_URL has options for Sentinels but names no Sentinel: begin it with redis+sentinel:// or rediss+sentinel://";
  if (options.sentinelUsername !== undefined && !options.sentinelPassword)
    return "REDIS_URL has sentinelUsername without sentinelPassword: add sentinelPassword";
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
