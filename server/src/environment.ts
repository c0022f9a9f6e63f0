export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** As OpenTelemetry names them. */
export const traceSamplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type TraceSampler = (typeof traceSamplers)[number];

/** A variable: its unit, its default, and what follows from it. */
export interface EnvironmentVariable {
  unit: string;
  default: string;
  consequence: string;
}

/** Every variable the gateway reads. docs/server.md, .env.example and this table are held equal by a test. */
export const environment = {
  POD_NAME: { unit: "name", default: "", consequence: "the node's name in logs and books; empty: the host's name" },
  PORT: { unit: "port", default: "3000", consequence: "public listener: /socket.io/ only" },
  ADMIN_PORT: {
    unit: "port",
    default: "9090",
    consequence: "private listener: probes, metrics, admin and publish API",
  },
  REALTIME_CORS_ORIGIN: {
    unit: "origins, comma-separated",
    default: "",
    consequence: "exact origins of pages that may connect; * allows all; empty allows only clients that send no Origin",
  },
  WS_MAX_CONNECTIONS_PER_USER: {
    unit: "connections, whole cluster",
    default: "5",
    consequence: "more are refused with CONNECTION_LIMIT_EXCEEDED",
  },
  WS_MAX_GLOBAL_CONNECTIONS: {
    unit: "connections, whole cluster",
    default: "10000",
    consequence: "more are refused with GLOBAL_LIMIT_EXCEEDED",
  },
  WS_MAX_ROOMS_PER_USER: {
    unit: "rooms, whole cluster",
    default: "50",
    consequence: "more are refused with ROOM_LIMIT_EXCEEDED",
  },
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: {
    unit: "events per user and minute, whole cluster",
    default: "100",
    consequence: "more are refused with RATE_LIMIT_EXCEEDED",
  },
  WS_MAX_MESSAGE_BYTES: {
    unit: "bytes",
    default: "1048576",
    consequence: "larger messages are refused with MESSAGE_TOO_LARGE; much larger ones end the connection",
  },
  WS_MAX_CONNECTIONS_PER_ADDRESS: {
    unit: "handshakes per address and 15 minutes",
    default: "100",
    consequence: "more are refused with ADDRESS_LIMIT_EXCEEDED",
  },
  WS_MAX_QUEUED_BYTES: {
    unit: "bytes per connection, outbound",
    default: "1048576",
    consequence: "a client that reads too slowly is cut",
  },
  WS_TRANSPORTS: {
    unit: "websocket, polling",
    default: "websocket",
    consequence: "polling needs session affinity in front of more than one gateway",
  },
  REDIS_ENABLED: { unit: "true or false", default: "true", consequence: "false: one node, in memory" },
  REDIS_URL: {
    unit: "redis:// or rediss:// URLs, comma-separated",
    default: "",
    consequence: "several are independent buses; empty: REDIS_HOST and its companions",
  },
  REDIS_HOST: { unit: "host name", default: "localhost", consequence: "used when REDIS_URL is empty" },
  REDIS_PORT: { unit: "port", default: "6379", consequence: "used when REDIS_URL is empty" },
  REDIS_PASSWORD: { unit: "secret", default: "", consequence: "used when REDIS_URL is empty, or holds no password" },
  REDIS_PREFIX: {
    unit: "letters, digits, - _ : .",
    default: "realtime",
    consequence: "keys and channels begin with it: one per cluster on a shared Redis",
  },
  DEMO_MODE: {
    unit: "true or false",
    default: "false",
    consequence: "true: one node, in memory, and tokens are optional when no secret is given",
  },
  JWT_SECRET: {
    unit: "secret of at least 32 bytes; several on lines of their own",
    default: "",
    consequence: "HS256 tokens signed with any of them are let in",
  },
  JWT_ISSUERS: {
    unit: "JSON list of {issuer, audience, jwksURL}, or none",
    default: "",
    consequence: "tokens of these issuers are let in; none lets everybody in",
  },
  ROOM_POLICY: {
    unit: "claims or open",
    default: "claims",
    consequence: "claims: the token lists the rooms; open: any user may enter any room",
  },
  ADMIN_TOKEN: {
    unit: "secret of at least 16 bytes",
    default: "",
    consequence: "bearer token of the private API; empty closes that API",
  },
  DRAIN_CONNECTIONS_PER_SECOND: {
    unit: "connections per second, whole cluster",
    default: "100",
    consequence: "how fast draining gateways move their clients",
  },
  DRAIN_TIMEOUT_SECONDS: { unit: "seconds", default: "300", consequence: "what is left then is closed at once" },
  LIVE_CONFIG_FILE: {
    unit: "path",
    default: "",
    consequence: "JSON as in PUT /config, read at the start and whenever it changes",
  },
  TRUSTED_PROXIES: {
    unit: "proxies in a row (0 to 16), or networks in CIDR notation, comma-separated",
    default: "0",
    consequence:
      "the client's address is read from X-Forwarded-For, from the right, past that many proxies or past all in these networks",
  },
  LOG_LEVEL: { unit: logLevels.join(", "), default: "info", consequence: "less severe entries are left out" },
  SENTRY_DSN: {
    unit: "URL",
    default: "",
    consequence: "unexpected errors that are logged are also reported there; empty: only logged",
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    unit: "URL of an OTLP/HTTP collector",
    default: "",
    consequence: "spans of handshakes and of POST /api/publish are sent to its /v1/traces; empty: none",
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    unit: "secret: name=value, comma-separated",
    default: "",
    consequence:
      "headers for the collector; OpenTelemetry's other variables for its exporter, certificates among them, hold as well",
  },
  OTEL_TRACES_SAMPLER: {
    unit: traceSamplers.join(", "),
    default: "parentbased_traceidratio",
    consequence: "which traces are sent; a handshake always begins one, a publish may continue its caller's",
  },
  OTEL_TRACES_SAMPLER_ARG: {
    unit: "share from 0 to 1",
    default: "0.01",
    consequence: "of the traces that begin here, with a sampler that goes by a ratio",
  },
  NODE_ENV: {
    unit: "production or development",
    default: "development",
    consequence: "said in the first log entry; nothing else depends on it",
  },
} as const satisfies Record<string, EnvironmentVariable>;

export type VariableName = keyof typeof environment;
