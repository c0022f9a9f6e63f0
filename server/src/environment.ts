import {
  anyText,
  listOf,
  oneOf,
  optionalText,
  readBy,
  secretOf,
  textLike,
  wholeNumber,
  yesOrNo,
  type EnvironmentVariable,
  type Parse,
} from "./environment-values.ts";
import { backEndVariables } from "./environment-back-ends.ts";
import { observabilityVariables } from "./environment-observability.ts";
import { parseTrustedProxies } from "./protocol/trusted-proxies.ts";
import { limitBounds, liveBounds, recoveryBounds } from "./protocol/limits.ts";
import { isOrigin } from "./protocol/origins.ts";

const transports = ["websocket", "polling"] as const;
type Transport = (typeof transports)[number];
const isTransport = (text: string): text is Transport => (transports as readonly string[]).includes(text);
const isOriginText = (text: string): text is string => isOrigin(text);
const anyPort = wholeNumber([0, 65_535]);

/** All environment variables of the gateway. A test compares docs/server.md and .env.example with this table. */
export const environment = {
  POD_NAME: {
    unit: "name",
    default: "",
    consequence: "name of this gateway in logs and in the ledger; empty: the host name",
    parse: optionalText,
  },
  PORT: { unit: "port", default: "3000", consequence: "public listener: /socket.io/ only", parse: anyPort },
  ADMIN_PORT: {
    unit: "port",
    default: "9090",
    consequence: "private listener: probes, metrics, admin and publish API",
    parse: anyPort,
  },
  REALTIME_CORS_ORIGIN: {
    unit: "origins, comma-separated",
    default: "",
    consequence: "exact origins of web pages that may connect; *: all; empty: only clients without an Origin header",
    parse: listOf(isOriginText, "* or origins like https://app.example.com (no path, no trailing slash)"),
  },
  WS_MAX_CONNECTIONS_PER_USER: {
    unit: "connections, whole cluster",
    default: "5",
    consequence: "limit per user; further connections are refused with CONNECTION_LIMIT_EXCEEDED",
    parse: wholeNumber(limitBounds.maxConnectionsPerUser),
  },
  WS_MAX_GLOBAL_CONNECTIONS: {
    unit: "connections, whole cluster",
    default: "10000",
    consequence: "limit of all connections; further ones are refused with GLOBAL_LIMIT_EXCEEDED",
    parse: wholeNumber(limitBounds.maxConnections),
  },
  WS_MAX_ROOMS_PER_USER: {
    unit: "rooms, whole cluster",
    default: "50",
    consequence: "limit per user; further rooms are refused with ROOM_LIMIT_EXCEEDED",
    parse: wholeNumber(limitBounds.maxRoomsPerUser),
  },
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: {
    unit: "events per user and minute, whole cluster",
    default: "100",
    consequence: "further events are refused with RATE_LIMIT_EXCEEDED",
    parse: wholeNumber(limitBounds.maxEventsPerMinute),
  },
  WS_MAX_MESSAGE_BYTES: {
    unit: "bytes",
    default: "1048576",
    consequence: "larger messages are refused with MESSAGE_TOO_LARGE; a much larger one closes the connection",
    parse: wholeNumber(limitBounds.maxMessageBytes),
  },
  WS_MAX_CONNECTIONS_PER_ADDRESS: {
    unit: "handshakes per address and 15 minutes",
    default: "100",
    consequence: "further handshakes are refused with ADDRESS_LIMIT_EXCEEDED",
    parse: wholeNumber(limitBounds.maxConnectionsPerAddress),
  },
  WS_MAX_QUEUED_BYTES: {
    unit: "bytes per connection, outbound",
    default: "1048576",
    consequence: "a client whose unread data exceeds this size is disconnected",
    parse: wholeNumber(limitBounds.maxQueuedBytes),
  },
  WS_TRANSPORTS: {
    unit: "websocket, polling",
    default: "websocket",
    consequence: "allowed transports; polling needs session affinity when there is more than one gateway",
    parse: listOf(isTransport, "websocket, polling or both", 1),
    refusesEmpty: true,
  },
  REDIS_ENABLED: {
    unit: "true or false",
    default: "true",
    consequence: "false: this gateway runs alone and keeps its state in memory",
    parse: yesOrNo,
  },
  REDIS_URL: {
    unit: "redis:// or rediss:// URLs, comma-separated",
    default: "",
    consequence:
      "several URLs are independent Redis servers; empty: REDIS_HOST, REDIS_PORT and REDIS_PASSWORD are used",
    parse: anyText,
  },
  REDIS_HOST: {
    unit: "host name",
    default: "localhost",
    consequence: "used when REDIS_URL is empty",
    parse: anyText,
  },
  REDIS_PORT: { unit: "port", default: "6379", consequence: "used when REDIS_URL is empty", parse: anyText },
  REDIS_PASSWORD: {
    unit: "secret",
    default: "",
    consequence: "used when REDIS_URL is empty or contains no password",
    parse: anyText,
  },
  REDIS_CA_FILE: {
    unit: "path of a PEM file",
    default: "",
    consequence: "CA of the Redis certificates, for rediss URLs; empty: the public CAs and NODE_EXTRA_CA_CERTS",
    parse: optionalText,
  },
  REDIS_CERT_FILE: {
    unit: "path of a PEM file",
    default: "",
    consequence: "client certificate for rediss URLs, if Redis or a Sentinel requires one",
    parse: optionalText,
  },
  REDIS_KEY_FILE: {
    unit: "path of a PEM file",
    default: "",
    consequence: "private key of REDIS_CERT_FILE, unencrypted",
    parse: optionalText,
  },
  REDIS_PREFIX: {
    unit: "letters, digits, - _ : .",
    default: "realtime",
    consequence: "prefix of all keys and channels; each cluster on a shared Redis needs another prefix",
    parse: textLike(/^[\w:.-]{1,128}$/, "must have 1 to 128 letters, digits or - _ : . characters"),
  },
  DEMO_MODE: {
    unit: "true or false",
    default: "false",
    consequence:
      "true: this gateway runs alone and keeps its state in memory; tokens are not checked unless a secret or issuers are set",
    parse: yesOrNo,
  },
  JWT_SECRET: {
    unit: "secret of at least 32 bytes; several secrets: one per line",
    default: "",
    consequence: "HS256 tokens that are signed with any of the secrets are accepted",
    parse: anyText,
  },
  JWT_ISSUERS: {
    unit: "JSON list of {issuer, audience or clientId, jwksURL, roomsClaim}, or none",
    default: "",
    consequence: "tokens of these issuers are accepted; if it is not set, every client is accepted (docs/tokens.md)",
    parse: anyText,
  },
  ROOM_POLICY: {
    unit: "claims or open",
    default: "claims",
    consequence: "claims: the token lists the rooms; open: any user may enter any room",
    parse: oneOf(["claims", "open"]),
  },
  ADMIN_TOKEN: {
    unit: "secret of at least 16 bytes",
    default: "",
    consequence: "bearer token of the private API; empty: the API is disabled",
    parse: secretOf(16),
  },
  DRAIN_CONNECTIONS_PER_SECOND: {
    unit: "connections per second, whole cluster",
    default: "100",
    consequence: "rate at which all draining gateways together move their clients",
    parse: wholeNumber(liveBounds.connectionsPerSecond),
  },
  DRAIN_TIMEOUT_SECONDS: {
    unit: "seconds",
    default: "300",
    consequence: "longest drain; the remaining connections are then closed at once",
    parse: wholeNumber([1, 86_400]),
  },
  DRAIN_DELAY_SECONDS: {
    unit: "seconds",
    default: "0",
    consequence:
      "time that a drain waits before it moves clients, so that they do not reconnect to another gateway that is about to stop",
    parse: wholeNumber([0, 300]),
  },
  MAX_CONNECTION_AGE_SECONDS: {
    unit: "seconds, up to 2592000",
    default: "0",
    consequence:
      "connections that reach about this age move to other gateways, at DRAIN_CONNECTIONS_PER_SECOND; 0: no connection moves for its age",
    parse: wholeNumber(liveBounds.maxConnectionAgeSeconds),
  },
  RECOVERY_WINDOW_SECONDS: {
    unit: "seconds, up to 3600",
    default: "120",
    consequence:
      "a client that reconnects within this time gets its rooms and missed messages back; 0: recovery is off",
    parse: wholeNumber(recoveryBounds.windowSeconds),
  },
  RECOVERY_MAX_BYTES: {
    unit: "bytes, in each gateway and in Redis",
    default: "33554432",
    consequence:
      "memory for messages that reconnecting clients may have missed; when it is full, the oldest are dropped",
    parse: wholeNumber([1_048_576, 1_073_741_824]),
  },
  PRESENCE_GRACE_SECONDS: {
    unit: "seconds, up to 3600",
    default: "15",
    consequence:
      "other users see a client leave its rooms only if it stays away longer than this, or than RECOVERY_WINDOW_SECONDS",
    parse: wholeNumber(recoveryBounds.presenceGraceSeconds),
  },
  ...backEndVariables,
  LIVE_CONFIG_FILE: {
    unit: "path",
    default: "",
    consequence: "JSON file as for PUT /config; read at the start and after every change",
    parse: optionalText,
  },
  TRUSTED_PROXIES: {
    unit: "number of proxies (0 to 16), or networks, comma-separated: CIDR notation, private, gke, cloudflare, +N",
    default: "0",
    consequence:
      "the client's address is read from X-Forwarded-For, from the right, after skipping that many proxies or all addresses in these networks; +N skips N more",
    parse: readBy(
      parseTrustedProxies,
      "a number from 0 to 16, or networks like 10.0.0.0/8,fd00::/8,private,gke,cloudflare,+1",
    ),
  },
  ...observabilityVariables,
  NODE_ENV: {
    unit: "production or development",
    default: "development",
    consequence: "shown in the first log entry; nothing else depends on it",
    parse: anyText,
  },
} as const satisfies Record<string, EnvironmentVariable>;

export type VariableName = keyof typeof environment;

type ValueOf<P> = P extends Parse<infer T> ? T : never;
/** The parsed values of all variables. */
export type EnvironmentValues = { readonly [Name in VariableName]: ValueOf<(typeof environment)[Name]["parse"]> };
