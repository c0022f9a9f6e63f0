import { hostname } from "node:os";
import { parseAuth } from "./auth/auth-config.ts";
import type { AuthConfig } from "./auth/auth-config.ts";
import type { RedisTarget } from "./redis/redis-address.ts";
import { parseRedisTargets } from "./redis/redis-targets.ts";
import { environment, logLevels } from "./environment.ts";
import type { LogLevel, VariableName } from "./environment.ts";
import { limitBounds } from "./live-config/live-config.ts";
import type { LiveConfig, RoomPolicy } from "./live-config/live-config.ts";
import { isSentryDsn } from "./observability/is-sentry-dsn.ts";
import { parseTracing } from "./observability/tracing-config.ts";
import type { TracingConfig } from "./observability/tracing-config.ts";
import { parseTrustedProxies } from "./protocol/client-address.ts";
import type { TrustedProxies } from "./protocol/client-address.ts";
import { isOrigin } from "./protocol/origins.ts";

/** What the gateway is told at its start; parsed once, frozen. */
export interface Config {
  /** The node's name in logs: the pod's, or the host's. */
  nodeName: string;
  port: number;
  adminPort: number;
  transports: readonly ("websocket" | "polling")[];
  /** Several are independent buses, in order of preference. Undefined: one node, in memory. */
  redis: readonly RedisTarget[] | undefined;
  redisPrefix: string;
  auth: AuthConfig;
  /** Undefined: the private API is closed. */
  adminToken: string | undefined;
  drainTimeoutSeconds: number;
  liveConfigFile: string | undefined;
  trustedProxies: TrustedProxies;
  logLevel: LogLevel;
  nodeEnv: string;
  /** Undefined: errors are only logged. */
  sentryDsn: string | undefined;
  /** Undefined: no spans. */
  tracing: TracingConfig | undefined;
  isDemo: boolean;
  /** In force until a live configuration comes. */
  live: LiveConfig;
}

export type ConfigAnswer = { config: Config; warnings: readonly string[] } | { problems: readonly string[] };

/** Reads the environment into a frozen Config, or says every mistake at once: the variable, what is wrong, what to do. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): ConfigAnswer {
  const problems: string[] = [];
  const warnings: string[] = [];
  const text = (name: VariableName): string =>
    env[name] === undefined || env[name].trim() === "" ? environment[name].default : env[name].trim();
  const optional = (name: VariableName): string | undefined => text(name) || undefined;
  const integer = (name: VariableName, [minimum, maximum]: readonly [number, number]): number => {
    const value = Number(text(name));
    if (/^\d+$/.test(text(name)) && value >= minimum && value <= maximum) return value;
    problems.push(
      `${name} must be a whole number from ${minimum} to ${maximum}, not "${text(name)}": set it, or remove it for ${environment[name].default}`,
    );
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
  if (!wantsRedis)
    warnings.push(
      `${isDemo ? "DEMO_MODE=true" : "REDIS_ENABLED=false"}: one node, in memory; a second one would be a cluster of its own`,
    );

  const transports = text("WS_TRANSPORTS")
    .split(/[\s,]+/)
    .filter(Boolean);
  for (const transport of transports) {
    if (transport !== "websocket" && transport !== "polling")
      problems.push(`WS_TRANSPORTS must hold websocket, polling or both, not "${transport}"`);
  }
  // Given but empty is a mistake in a template, not a wish for the default.
  if (transports.length === 0 || env["WS_TRANSPORTS"]?.trim() === "")
    problems.push("WS_TRANSPORTS must hold websocket, polling or both: set it, or remove it for websocket");
  const origins = text("REALTIME_CORS_ORIGIN")
    .split(/[\s,]+/)
    .filter(Boolean);
  for (const origin of origins) {
    if (!isOrigin(origin))
      problems.push(
        `REALTIME_CORS_ORIGIN must hold * or origins like https://app.example.com (no path, no slash at the end), not "${origin}"`,
      );
  }
  if (!/^[\w:.-]{1,128}$/.test(text("REDIS_PREFIX")))
    problems.push("REDIS_PREFIX must have 1 to 128 letters, digits or - _ : . characters");
  const adminToken = optional("ADMIN_TOKEN");
  if (adminToken !== undefined && Buffer.byteLength(adminToken) < 16)
    problems.push("ADMIN_TOKEN must have at least 16 bytes: draw one with openssl rand -hex 32");
  if (adminToken === undefined) warnings.push("ADMIN_TOKEN is not set: the admin and publish API is closed");
  const policy: RoomPolicy = choice("ROOM_POLICY", ["claims", "open"]);
  const { auth, ...aboutAuth } = parseAuth({ secrets: text("JWT_SECRET"), issuers: text("JWT_ISSUERS"), isDemo });
  const { targets, ...aboutRedis } = parseRedisTargets({
    urls: text("REDIS_URL"),
    host: text("REDIS_HOST"),
    port: text("REDIS_PORT"),
    password: text("REDIS_PASSWORD"),
  });
  problems.push(...aboutAuth.problems, ...(wantsRedis ? aboutRedis.problems : []));
  warnings.push(...aboutAuth.warnings);

  const sentryDsn = optional("SENTRY_DSN");
  if (sentryDsn !== undefined && !isSentryDsn(sentryDsn))
    problems.push("SENTRY_DSN must look like https://key@host/project");
  const { tracing, ...aboutTracing } = parseTracing({
    endpoint: text("OTEL_EXPORTER_OTLP_ENDPOINT"),
    sampler: text("OTEL_TRACES_SAMPLER"),
    ratio: text("OTEL_TRACES_SAMPLER_ARG"),
  });
  problems.push(...aboutTracing.problems);
  const trustedProxies = parseTrustedProxies(text("TRUSTED_PROXIES"));
  if (trustedProxies === undefined)
    problems.push(
      `TRUSTED_PROXIES must be a number from 0 to 16, or networks like 10.0.0.0/8,fd00::/8, not "${text("TRUSTED_PROXIES").slice(0, 64)}"`,
    );

  const config: Config = {
    nodeName: optional("POD_NAME") ?? hostname(),
    port: integer("PORT", [0, 65535]),
    adminPort: integer("ADMIN_PORT", [0, 65535]),
    transports: [...new Set(transports)] as Config["transports"],
    redis: wantsRedis ? targets : undefined,
    redisPrefix: text("REDIS_PREFIX"),
    auth,
    adminToken,
    drainTimeoutSeconds: integer("DRAIN_TIMEOUT_SECONDS", [1, 86400]),
    liveConfigFile: optional("LIVE_CONFIG_FILE"),
    trustedProxies: trustedProxies ?? { type: "hops", hops: 0 },
    logLevel: choice("LOG_LEVEL", logLevels),
    nodeEnv: text("NODE_ENV"),
    sentryDsn,
    tracing,
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
  if (config.port === config.adminPort && config.port !== 0)
    problems.push("PORT and ADMIN_PORT must differ: the private API belongs on a port that no client reaches");
  if (problems.length > 0) return { problems };
  return { config: Object.freeze(config), warnings };
}
