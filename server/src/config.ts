import { limitBounds } from "./live-config/live-config.ts";
import type { LiveConfig, RoomPolicy } from "./live-config/live-config.ts";
import type { Issuer } from "./auth/jwks-issuers.ts";
import { weaknessOf } from "./auth/hmac-tokens.ts";
import { isOrigin } from "./protocol/origins.ts";

/** What the gateway is told at its start; parsed once, frozen. */
export interface Config {
  port: number;
  adminPort: number;
  transports: readonly ("websocket" | "polling")[];
  /** Undefined: one node, in memory. */
  redis: RedisAddress | undefined;
  redisPrefix: string;
  auth: { type: "hmac"; secrets: readonly string[] } | { type: "issuers"; issuers: readonly Issuer[] } | { type: "none" };
  /** Undefined: the private API is closed. */
  adminToken: string | undefined;
  drainTimeoutSeconds: number;
  liveConfigFile: string | undefined;
  /** Proxies in front of the gateway whose X-Forwarded-For entries count. */
  trustedProxies: number;
  logLevel: LogLevel;
  sentryDsn: string | undefined;
  otlpEndpoint: string | undefined;
  nodeEnv: string;
  isDemo: boolean;
  /** In force until a live configuration comes. */
  live: LiveConfig;
}

/** One or more independent endpoints, as REDIS_URL gives them (comma-separated) or REDIS_HOST and its companions. */
export interface RedisAddress {
  urls: readonly string[];
}

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface EnvironmentVariable {
  unit: string;
  default: string;
  consequence: string;
}

/** Every variable the gateway reads. docs/server.md, .env.example and this table are held equal by a test. */
export const environment = {
  PORT: { unit: "port", default: "3000", consequence: "public listener: /socket.io/ only" },
  ADMIN_PORT: { unit: "port", default: "9090", consequence: "private listener: probes, metrics, admin and publish API" },
  REALTIME_CORS_ORIGIN: { unit: "origins, comma-separated", default: "", consequence: "exact origins of pages that may connect; * allows all; empty allows only clients that send no Origin" },
  WS_MAX_CONNECTIONS_PER_USER: { unit: "connections, whole cluster", default: "5", consequence: "more are refused with CONNECTION_LIMIT_EXCEEDED" },
  WS_MAX_GLOBAL_CONNECTIONS: { unit: "connections, whole cluster", default: "10000", consequence: "more are refused with GLOBAL_LIMIT_EXCEEDED" },
  WS_MAX_ROOMS_PER_USER: { unit: "rooms, whole cluster", default: "50", consequence: "more are refused with ROOM_LIMIT_EXCEEDED" },
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: { unit: "events per user and minute, whole cluster", default: "100", consequence: "more are refused with RATE_LIMIT_EXCEEDED" },
  WS_MAX_MESSAGE_BYTES: { unit: "bytes", default: "1048576", consequence: "larger messages are refused with MESSAGE_TOO_LARGE; much larger ones end the connection" },
  WS_MAX_CONNECTIONS_PER_ADDRESS: { unit: "handshakes per address and 15 minutes", default: "100", consequence: "more are refused with ADDRESS_LIMIT_EXCEEDED" },
  WS_MAX_QUEUED_BYTES: { unit: "bytes per connection, outbound", default: "1048576", consequence: "a client that reads too slowly is cut" },
  WS_TRANSPORTS: { unit: "websocket, polling", default: "websocket", consequence: "polling needs session affinity in front of more than one gateway" },
  REDIS_ENABLED: { unit: "true or false", default: "true", consequence: "false: one node, in memory" },
  REDIS_URL: { unit: "redis:// or rediss:// URLs, comma-separated", default: "", consequence: "several are independent buses; empty: REDIS_HOST and its companions" },
  REDIS_HOST: { unit: "host name", default: "localhost", consequence: "used when REDIS_URL is empty" },
  REDIS_PORT: { unit: "port", default: "6379", consequence: "used when REDIS_URL is empty" },
  REDIS_PASSWORD: { unit: "secret", default: "", consequence: "used when REDIS_URL is empty, or holds no password" },
  REDIS_PREFIX: { unit: "letters, digits, - _ : .", default: "realtime", consequence: "keys and channels begin with it: one per cluster on a shared Redis" },
  DEMO_MODE: { unit: "true or false", default: "false", consequence: "true: one node, in memory, and tokens are optional when no secret is given" },
  JWT_SECRET: { unit: "secret of at least 32 bytes; several on lines of their own", default: "", consequence: "HS256 tokens signed with any of them are let in" },
  JWT_ISSUERS: { unit: "JSON list of {issuer, audience, jwksURL}, or none", default: "", consequence: "tokens of these issuers are let in; none lets everybody in" },
  ROOM_POLICY: { unit: "claims or open", default: "claims", consequence: "claims: the token lists the rooms; open: any user may enter any room" },
  ADMIN_TOKEN: { unit: "secret of at least 16 bytes", default: "", consequence: "bearer token of the private API; empty closes that API" },
  DRAIN_CONNECTIONS_PER_SECOND: { unit: "connections per second, whole cluster", default: "100", consequence: "how fast draining gateways move their clients" },
  DRAIN_TIMEOUT_SECONDS: { unit: "seconds", default: "300", consequence: "what is left then is closed at once" },
  LIVE_CONFIG_FILE: { unit: "path", default: "", consequence: "JSON as in PUT /config, read at the start and whenever it changes" },
  TRUSTED_PROXIES: { unit: "proxies", default: "0", consequence: "that many entries of X-Forwarded-For, from the right, are believed" },
  LOG_LEVEL: { unit: logLevels.join(", "), default: "info", consequence: "less severe entries are left out" },
  SENTRY_DSN: { unit: "URL", default: "", consequence: "unexpected errors are reported there; empty: nowhere" },
  OTEL_EXPORTER_OTLP_ENDPOINT: { unit: "URL", default: "", consequence: "spans of handshakes and publishes are sent there; empty: nowhere" },
  NODE_ENV: { unit: "production or development", default: "development", consequence: "said in the first log entry; nothing else depends on it" },
} as const satisfies Record<string, EnvironmentVariable>;

export type VariableName = keyof typeof environment;
export const environmentVariables = Object.keys(environment) as readonly VariableName[];

export type ConfigAnswer = { config: Config; warnings: readonly string[] } | { problems: readonly string[] };

/** Reads the environment into a frozen Config, or says every mistake at once: the variable, what is wrong, what to do. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): ConfigAnswer {
  const problems: string[] = [];
  const warnings: string[] = [];
  const text = (name: VariableName): string => (env[name] === undefined || env[name].trim() === "" ? environment[name].default : env[name].trim());
  const optional = (name: VariableName): string | undefined => text(name) || undefined;
  const integer = (name: VariableName, [minimum, maximum]: readonly [number, number]): number => {
    const value = Number(text(name));
    if (/^\d+$/.test(text(name)) && value >= minimum && value <= maximum) return value;
    problems.push(`${name} must be a whole number from ${minimum} to ${maximum}, not "${text(name)}": set it, or remove it for ${environment[name].default}`);
    return Number(environment[name].default);
  };
  const choice = <T extends string>(name: VariableName, choices: readonly T[]): T => {
    const value = text(name).toLowerCase();
    const found = choices.find((option) => option === value);
    if (found === undefined) problems.push(`${name} must be one of ${choices.join(", ")}, not "${text(name)}"`);
    return found ?? choices[0]!;
  };
  const isOn = (name: VariableName): boolean => choice(name, ["true", "false"]) === "true";

  const isDemo = isOn("DEMO_MODE");
  const wantsRedis = isOn("REDIS_ENABLED") && !isDemo;
  if (!wantsRedis) warnings.push(`${isDemo ? "DEMO_MODE=true" : "REDIS_ENABLED=false"}: one node, in memory; a second one would be a cluster of its own`);

  const transports = text("WS_TRANSPORTS").split(/[\s,]+/).filter(Boolean);
  for (const transport of transports) {
    if (transport !== "websocket" && transport !== "polling") problems.push(`WS_TRANSPORTS must hold websocket, polling or both, not "${transport}"`);
  }
  const origins = text("REALTIME_CORS_ORIGIN").split(/[\s,]+/).filter(Boolean);
  for (const origin of origins) {
    if (!isOrigin(origin)) problems.push(`REALTIME_CORS_ORIGIN must hold * or origins like https://app.example.com (no path, no slash at the end), not "${origin}"`);
  }
  if (!/^[\w:.-]{1,64}$/.test(text("REDIS_PREFIX"))) problems.push("REDIS_PREFIX must have 1 to 64 letters, digits or - _ : . characters");
  const adminToken = optional("ADMIN_TOKEN");
  if (adminToken !== undefined && Buffer.byteLength(adminToken) < 16) problems.push("ADMIN_TOKEN must have at least 16 bytes: draw one with openssl rand -hex 32");
  if (adminToken === undefined) warnings.push("ADMIN_TOKEN is not set: the admin and publish API is closed");
  const policy: RoomPolicy = choice("ROOM_POLICY", ["claims", "open"]);
  const auth = authOf({ text, optional, isDemo, problems, warnings });
  const redis = wantsRedis ? redisOf({ text, integer, problems }) : undefined;

  const config: Config = {
    port: integer("PORT", [0, 65535]),
    adminPort: integer("ADMIN_PORT", [0, 65535]),
    transports: transports as Config["transports"],
    redis,
    redisPrefix: text("REDIS_PREFIX"),
    auth,
    adminToken,
    drainTimeoutSeconds: integer("DRAIN_TIMEOUT_SECONDS", [1, 86400]),
    liveConfigFile: optional("LIVE_CONFIG_FILE"),
    trustedProxies: integer("TRUSTED_PROXIES", [0, 16]),
    logLevel: choice("LOG_LEVEL", logLevels),
    sentryDsn: urlOf("SENTRY_DSN"),
    otlpEndpoint: urlOf("OTEL_EXPORTER_OTLP_ENDPOINT"),
    nodeEnv: text("NODE_ENV"),
    isDemo,
    live: {
      generation: 0,
      limits: {
        maxConnections: integer("WS_MAX_GLOBAL_CONNECTIONS", limitBounds.maxConnections),
        maxConnectionsPerUser: integer("WS_MAX_CONNECTIONS_PER_USER", limitBounds.maxConnectionsPerUser),
        maxRoomsPerUser: integer("WS_MAX_ROOMS_PER_USER", limitBounds.maxRoomsPerUser),
        maxEventsPerMinute: integer("WS_RATE_LIMIT_EVENTS_PER_MINUTE", limitBounds.maxEventsPerMinute),
        maxMessageBytes: integer("WS_MAX_MESSAGE_BYTES", limitBounds.maxMessageBytes),
        maxConnectionsPerAddress: integer("WS_MAX_CONNECTIONS_PER_ADDRESS", limitBounds.maxConnectionsPerAddress),
        maxQueuedBytes: integer("WS_MAX_QUEUED_BYTES", limitBounds.maxQueuedBytes),
      },
      origins,
      rooms: policy,
      drain: { connectionsPerSecond: integer("DRAIN_CONNECTIONS_PER_SECOND", limitBounds.connectionsPerSecond) },
    },
  };
  if (problems.length > 0) return { problems };
  return { config: Object.freeze(config), warnings };

  function urlOf(name: VariableName): string | undefined {
    const value = optional(name);
    if (value === undefined || URL.canParse(value)) return value;
    problems.push(`${name} must be a URL, not "${value.slice(0, 40)}": mend it, or remove it to switch this off`);
    return undefined;
  }
}

interface Reader {
  text(name: VariableName): string;
  optional(name: VariableName): string | undefined;
  integer(name: VariableName, bounds: readonly [number, number]): number;
  isDemo: boolean;
  problems: string[];
  warnings: string[];
}

function authOf({ optional, isDemo, problems, warnings }: Pick<Reader, "text" | "optional" | "isDemo" | "problems" | "warnings">): Config["auth"] {
  const secrets = (optional("JWT_SECRET") ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
  const issuersText = optional("JWT_ISSUERS");
  if (secrets.length > 0 && issuersText !== undefined) problems.push("JWT_SECRET and JWT_ISSUERS are both set: keep one of them");
  if (secrets.length > 0) {
    for (const secret of secrets) {
      const weakness = weaknessOf(secret);
      if (weakness !== undefined) problems.push(`JWT_SECRET ${weakness}: draw one with openssl rand -hex 32`);
    }
    return { type: "hmac", secrets };
  }
  if (issuersText === undefined && !isDemo) problems.push("JWT_SECRET or JWT_ISSUERS is needed: set one of them (JWT_ISSUERS=none lets everybody in)");
  if (issuersText === undefined || issuersText.toLowerCase() === "none") {
    warnings.push("tokens are not checked: everybody is let in and nobody is known by name");
    return { type: "none" };
  }
  return { type: "issuers", issuers: issuersOf(issuersText, problems) };
}

function issuersOf(text: string, problems: string[]): readonly Issuer[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  const wanted = 'JWT_ISSUERS must be a JSON list like [{"issuer":"https://id.example.com","audience":"chat","jwksURL":"https://id.example.com/jwks"}]';
  if (!Array.isArray(list) || list.length === 0) {
    problems.push(wanted);
    return [];
  }
  return list.map((entry: unknown, index) => {
    const { issuer, audience, jwksURL } = (typeof entry === "object" && entry !== null ? entry : {}) as Partial<Record<string, unknown>>;
    for (const [name, value] of Object.entries({ issuer, audience, jwksURL })) {
      if (typeof value !== "string" || value === "") problems.push(`JWT_ISSUERS[${index}].${name} is missing: ${wanted}`);
    }
    if (typeof jwksURL === "string" && !/^https?:$/.test(URL.parse(jwksURL)?.protocol ?? "")) {
      problems.push(`JWT_ISSUERS[${index}].jwksURL must be an http or https URL`);
    }
    return { issuer: String(issuer), audience: String(audience), jwksURL: String(jwksURL) };
  });
}

function redisOf({ text, integer, problems }: Pick<Reader, "text" | "integer" | "problems">): RedisAddress {
  const password = text("REDIS_PASSWORD");
  const given = text("REDIS_URL").split(/,(?=\s*redis)/).map((url) => url.trim()).filter(Boolean);
  for (const url of given) {
    // Sentinel and Cluster forms name several hosts in one URL, which URL.parse refuses: the bus parses them.
    if (!/^rediss?(\+(sentinel|cluster))?:\/\/\S+$/.test(url)) problems.push("REDIS_URL must hold URLs that begin with redis:// or rediss:// (see docs/server.md for Sentinel and Cluster)");
  }
  if (given.length > 0) return { urls: given.map((url) => withPassword(url, password)) };
  const credentials = password === "" ? "" : `:${encodeURIComponent(password)}@`;
  return { urls: [`redis://${credentials}${text("REDIS_HOST")}:${integer("REDIS_PORT", [1, 65535])}`] };
}

function withPassword(url: string, password: string): string {
  if (password === "" || url.includes("@")) return url;
  return url.replace("://", `://:${encodeURIComponent(password)}@`);
}
