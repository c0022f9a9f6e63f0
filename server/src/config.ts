import { hostname } from "node:os";
import { parseAuth, type AuthConfig } from "./auth/auth-config.ts";
import type { EnvironmentVariable } from "./environment-values.ts";
import { environment, type EnvironmentValues } from "./environment.ts";
import { problemsOfHandlers, type HandlerSpec } from "./live-config/handler-entries.ts";
import type { LiveConfig } from "./live-config/live-config.ts";
import type { LogFormat, LogLevel } from "./observability/log-levels.ts";
import { parseTracing, type TracingConfig } from "./observability/tracing-config.ts";
import type { TrustedProxies } from "./protocol/trusted-proxies.ts";
import type { RedisTarget } from "./redis/redis-address.ts";
import { parseRedisTargets } from "./redis/redis-targets.ts";

/** The gateway's configuration. It is parsed once, at the start, and is read-only. */
export interface Config {
  /** The gateway's name in logs: the name of its pod or host. */
  nodeName: string;
  port: number;
  adminPort: number;
  transports: readonly ("websocket" | "polling")[];
  /**
   * The Redis servers, in order of preference. They are independent of each other. Undefined: this gateway runs alone
   * and counts in memory.
   */
  redis: readonly RedisTarget[] | undefined;
  redisPrefix: string;
  auth: AuthConfig;
  /** The token for the private API. Undefined: all requests that need a token are refused. */
  adminToken: string | undefined;
  /** A token that allows only publishing. Undefined: publishing needs the admin token. */
  publishToken: string | undefined;
  drainTimeoutSeconds: number;
  drainDelaySeconds: number;
  liveConfigFile: string | undefined;
  /** Maximum size of the messages that recovery stores for clients that reconnect, in this gateway and in Redis. */
  recoveryMaxBytes: number;
  /** Path of the file with the application's handlers that run in this process. Undefined if there is none. */
  handlersModule: string | undefined;
  /** The key that signs requests to the application's handlers. */
  handlerSecret: string | undefined;
  /** Names of those headers of a client's handshake that handlers get. */
  handlerHeaders: readonly string[];
  trustedProxies: TrustedProxies;
  logLevel: LogLevel;
  logFormat: LogFormat;
  nodeEnv: string;
  /** Address of the Sentry project for error reports. Undefined: errors are only logged. */
  sentryDsn: string | undefined;
  /** Where trace spans are sent. Undefined: no traces are sent. */
  tracing: TracingConfig | undefined;
  isDemo: boolean;
  /** The limits and other live settings that are used until the operator sends a live configuration. */
  live: LiveConfig;
}

export type ConfigAnswer = { config: Config; warnings: readonly string[] } | { problems: readonly string[] };

/**
 * Parses the environment into a read-only Config. Otherwise reports every mistake: the name of the variable, what is
 * wrong, and what to do.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): ConfigAnswer {
  const { values, problems } = readEnvironment(env);
  const { auth, ...aboutAuth } = parseAuth({
    secrets: values.JWT_SECRET,
    issuers: values.JWT_ISSUERS,
    isDemo: values.DEMO_MODE,
  });
  const { redis, ...aboutRedis } = redisOf(values);
  const { tracing, ...aboutTracing } = parseTracing({
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampler: values.OTEL_TRACES_SAMPLER,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
  });
  const { handlers, ...aboutHandlers } = handlersOf(values);
  problems.push(...aboutAuth.problems, ...aboutRedis.problems, ...aboutTracing.problems, ...aboutHandlers.problems);
  if (values.PORT === values.ADMIN_PORT && values.PORT !== 0)
    problems.push("PORT and ADMIN_PORT must differ: clients must not reach the private API");
  if (values.PUBLISH_TOKEN !== undefined && values.PUBLISH_TOKEN === values.ADMIN_TOKEN)
    problems.push("PUBLISH_TOKEN and ADMIN_TOKEN must differ: a token that may only publish must not allow more");
  if (problems.length > 0) return { problems };

  const warnings = [...aboutRedis.warnings, ...aboutAuth.warnings];
  if (values.ADMIN_TOKEN === undefined)
    warnings.push("ADMIN_TOKEN is not set: the private API refuses every request that needs it");
  const config: Config = {
    nodeName: values.POD_NAME ?? hostname(),
    port: values.PORT,
    adminPort: values.ADMIN_PORT,
    transports: values.WS_TRANSPORTS,
    redis,
    redisPrefix: values.REDIS_PREFIX,
    auth,
    adminToken: values.ADMIN_TOKEN,
    publishToken: values.PUBLISH_TOKEN,
    drainTimeoutSeconds: values.DRAIN_TIMEOUT_SECONDS,
    drainDelaySeconds: values.DRAIN_DELAY_SECONDS,
    liveConfigFile: values.LIVE_CONFIG_FILE,
    recoveryMaxBytes: values.RECOVERY_MAX_BYTES,
    handlersModule: values.HANDLERS_MODULE,
    handlerSecret: values.HANDLER_SECRET,
    handlerHeaders: values.HANDLER_HEADERS,
    trustedProxies: values.TRUSTED_PROXIES,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    nodeEnv: values.NODE_ENV,
    sentryDsn: values.SENTRY_DSN || undefined,
    tracing,
    isDemo: values.DEMO_MODE,
    live: { ...liveOf(values), ...(handlers === undefined ? {} : { handlers }) },
  };
  return { config: Object.freeze(config), warnings };
}

/** Parses all variables of environment.ts. A variable with a problem gets its default value. */
function readEnvironment(env: Readonly<Record<string, string | undefined>>): {
  values: EnvironmentValues;
  problems: string[];
} {
  const problems: string[] = [];
  const values = Object.entries(environment).map(([name, variable]: [string, EnvironmentVariable]) => {
    const given = env[name]?.trim();
    const isMistake = given === "" && variable.refusesEmpty === true;
    const parsed = isMistake
      ? { problem: `must not be empty: set it, or remove it to use ${variable.default}` }
      : variable.parse(given === undefined || given === "" ? variable.default : given);
    if ("value" in parsed) return [name, parsed.value];
    problems.push(`${name} ${parsed.problem}`);
    return [name, defaultOf(name, variable)];
  });
  return { values: Object.fromEntries(values) as EnvironmentValues, problems };
}

function defaultOf(name: string, variable: EnvironmentVariable): unknown {
  const parsed = variable.parse(variable.default);
  if ("value" in parsed) return parsed.value;
  throw new Error(`the default of ${name} ${parsed.problem}`);
}

function redisOf(values: EnvironmentValues): {
  redis: readonly RedisTarget[] | undefined;
  problems: readonly string[];
  warnings: readonly string[];
} {
  if (values.REDIS_ENABLED && !values.DEMO_MODE) {
    const { targets, problems } = parseRedisTargets({
      urls: values.REDIS_URL,
      host: values.REDIS_HOST,
      port: values.REDIS_PORT,
      password: values.REDIS_PASSWORD,
      tlsFiles: { ca: values.REDIS_CA_FILE, cert: values.REDIS_CERT_FILE, key: values.REDIS_KEY_FILE },
    });
    return { redis: targets, problems, warnings: [] };
  }
  const reason = values.DEMO_MODE ? "DEMO_MODE=true" : "REDIS_ENABLED=false";
  const warnings = [
    `${reason}: this gateway runs alone and keeps its state in memory; a second one would share neither messages nor limits`,
  ];
  return { redis: undefined, problems: [], warnings };
}

/** Parses HANDLERS. `handlers` is undefined if the variable is not set. */
function handlersOf({ HANDLERS: text, HANDLER_SECRET: secret }: EnvironmentValues): {
  handlers: readonly HandlerSpec[] | undefined;
  problems: readonly string[];
} {
  if (text === "") return { handlers: undefined, problems: [] };
  const list = listIn(text);
  const problems = [...problemsOfHandlers(list, "HANDLERS")];
  if (secret === undefined)
    problems.push("HANDLER_SECRET is required with HANDLERS: generate one with openssl rand -hex 32");
  return { handlers: list as readonly HandlerSpec[], problems };
}

function listIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function liveOf(values: EnvironmentValues): LiveConfig {
  return {
    generation: 0,
    limits: {
      maxConnections: values.WS_MAX_GLOBAL_CONNECTIONS,
      maxConnectionsPerUser: values.WS_MAX_CONNECTIONS_PER_USER,
      maxRoomsPerUser: values.WS_MAX_ROOMS_PER_USER,
      maxEventsPerMinute: values.WS_RATE_LIMIT_EVENTS_PER_MINUTE,
      maxMessageBytes: values.WS_MAX_MESSAGE_BYTES,
      maxConnectionsPerAddress: values.WS_MAX_CONNECTIONS_PER_ADDRESS,
      maxQueuedBytes: values.WS_MAX_QUEUED_BYTES,
    },
    origins: values.REALTIME_CORS_ORIGIN,
    rooms: values.ROOM_POLICY,
    drain: { connectionsPerSecond: values.DRAIN_CONNECTIONS_PER_SECOND },
    maxConnectionAgeSeconds: values.MAX_CONNECTION_AGE_SECONDS,
    recovery: {
      windowSeconds: values.RECOVERY_WINDOW_SECONDS,
      presenceGraceSeconds: values.PRESENCE_GRACE_SECONDS,
    },
  };
}
