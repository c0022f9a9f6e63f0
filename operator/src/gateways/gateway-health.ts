/** The gateway reports this reason while it is closed to new clients because it moves connections. */
export const REBALANCING = "rebalancing";

/** The fields of GET /api/websocket/health that the operator or its command line reads. */
export interface GatewayHealth {
  /** "ok", "degraded" or "unavailable". */
  status: string;
  /** Why the gateway accepts no new clients. */
  reason?: string;
  connections: number;
  bus?: {
    /** "never", "up" or "down". */
    phase?: string;
    /** Why the bus has no connection to Redis. */
    reason?: string;
  };
  cluster?: {
    /** All connections of the cluster. Exact unless `limits` is "share". */
    connections?: number;
    /** "share" while this gateway cannot count in Redis and enforces only its own part of the cluster's limits. */
    limits?: string;
  };
  /** The limits that this gateway cannot count for the whole cluster, and the reason. Undefined while all are exact. */
  inexact?: InexactLimits;
  /** Token issuers whose keys this gateway cannot load. Absent when it has loaded all of them. */
  issuers?: readonly IssuerKeys[];
  /**
   * Handlers of the application to which five or more requests of this gateway in a row have failed. Absent when there
   * are none.
   */
  handlers?: readonly HandlerFailure[];
  /**
   * The network of a proxy that the gateway saw and that spec.trustedProxies does not list, or "unknown". The gateway
   * counts all clients behind this proxy as one IP address.
   */
  unlistedProxy?: string;
  /**
   * Both in seconds. `windowSeconds`: a client that was away for at most this long gets all messages that it missed.
   * `promisedSeconds`: the value that spec.recovery promises.
   */
  recovery?: RecoveryHealth;
  drain?: { isDraining: boolean; connectionsLeft?: number; secondsLeft?: number };
  /** Hash and generation of the live configuration that the gateway uses. Older gateways report no hash. */
  inForce?: { hash: string; generation: number };
}

/**
 * True if the gateway accepts new clients, or will again after it has moved connections. A gateway that drains does
 * not.
 */
export function servesClients({ reason, drain }: GatewayHealth): boolean {
  return drain?.isDraining !== true && (reason === undefined || reason === REBALANCING);
}

export interface RecoveryHealth {
  windowSeconds: number;
  promisedSeconds: number;
  /** Why the log in Redis cannot be used. Absent while it can. */
  reason?: string;
}

/** The state of the keys of one token issuer, after the gateway could not load them. */
export interface IssuerKeys {
  issuer: string;
  /**
   * "kept": the gateway uses the keys of an earlier load. "none": the gateway has never loaded the keys, so it refuses
   * the issuer's tokens.
   */
  keys: "kept" | "none";
  reason?: string;
}

/** A handler of the application to which five or more requests of one gateway in a row have failed. */
export interface HandlerFailure {
  handler: string;
  /**
   * True: the handler does not answer, so the gateway refuses its events without asking it. False: the handler answers,
   * but its answers are not valid.
   */
  isAway: boolean;
  /** One of the results that docs/handlers.md lists. */
  reason?: string;
  detail?: string;
}

export interface InexactLimits {
  /** One of the reasons in the gateway's ledger-reasons.ts. */
  reason: string;
  /** One sentence, without credentials. */
  message?: string;
  /** Names as in spec.limits. */
  limits: readonly string[];
}

/**
 * A Linux process can open at most this many files (fs.nr_open), so a gateway cannot have more connections. A higher
 * count in an answer is wrong. The sum of a thousand gateways fits into the int32 of the status.
 */
const MAX_CONNECTIONS = 2 ** 20;
const MAX_REASON_LENGTH = 300;
const MAX_LIMITS = 20;
const MAX_NAME_LENGTH = 40;
const MAX_ISSUERS = 16;
const MAX_HANDLERS = 32;

/**
 * Parses a health answer. Fields of an unexpected type are left out. Throws when the answer has no number of
 * connections.
 */
export function healthIn(path: string, text: string): GatewayHealth {
  const answer = objectIn(path, text);
  const { status, reason, connections, bus, cluster, ledger, issuers, handlers, ...others } = answer;
  const { unlistedProxy, recovery, drain, hash, generation } = others;
  if (!isWholeNumber(connections) || connections > MAX_CONNECTIONS)
    throw new Error(
      `${path} answered without a number of connections: ${String(JSON.stringify(connections)).slice(0, 40)}`,
    );
  return {
    status: textOr(status, "unknown"),
    connections,
    ...textField("reason", reason),
    ...(isObject(bus) ? { bus: { ...textField("phase", bus["phase"]), ...textField("reason", bus["reason"]) } } : {}),
    ...(isObject(cluster)
      ? { cluster: { ...textField("limits", cluster["limits"]), ...countField("connections", cluster["connections"]) } }
      : {}),
    ...inexactIn(ledger),
    ...issuersIn(issuers),
    ...handlersIn(handlers),
    ...textField("unlistedProxy", unlistedProxy),
    ...recoveryIn(recovery),
    ...(isObject(drain)
      ? {
          drain: {
            isDraining: drain["isDraining"] === true,
            ...countField("connectionsLeft", drain["connectionsLeft"]),
            ...countField("secondsLeft", drain["secondsLeft"]),
          },
        }
      : {}),
    ...(typeof hash === "string" && isWholeNumber(generation) ? { inForce: { hash, generation } } : {}),
  };
}

function recoveryIn(recovery: unknown): Pick<GatewayHealth, "recovery"> {
  if (!isObject(recovery)) return {};
  const { windowSeconds, promisedSeconds } = recovery;
  return isWholeNumber(windowSeconds) && isWholeNumber(promisedSeconds)
    ? { recovery: { windowSeconds, promisedSeconds, ...textField("reason", recovery["reason"]) } }
    : {};
}

function inexactIn(ledger: unknown): Pick<GatewayHealth, "inexact"> {
  if (!isObject(ledger) || ledger["exact"] !== false) return {};
  const { inexact, message } = ledger;
  const limits = Array.isArray(inexact) ? inexact.filter((name) => typeof name === "string") : [];
  return {
    inexact: {
      reason: textOr(ledger["reason"], "error"),
      ...textField("message", message),
      limits: limits.slice(0, MAX_LIMITS).map((name) => name.slice(0, MAX_NAME_LENGTH)),
    },
  };
}

function issuersIn(issuers: unknown): Pick<GatewayHealth, "issuers"> {
  const found = (Array.isArray(issuers) ? issuers : []).flatMap((entry: unknown): IssuerKeys[] => {
    if (!isObject(entry) || (entry["keys"] !== "kept" && entry["keys"] !== "none")) return [];
    const { issuer, keys, reason } = entry;
    return [{ issuer: textOr(issuer, "unknown"), keys, ...textField("reason", reason) }];
  });
  return found.length === 0 ? {} : { issuers: found.slice(0, MAX_ISSUERS) };
}

function handlersIn(handlers: unknown): Pick<GatewayHealth, "handlers"> {
  const failing = (Array.isArray(handlers) ? handlers : []).flatMap((entry: unknown): HandlerFailure[] => {
    if (!isObject(entry) || typeof entry["handler"] !== "string") return [];
    const failure = isObject(entry["failure"]) ? entry["failure"] : {};
    const isAway = entry["breaker"] === "open";
    if (!isAway && entry["failure"] === undefined) return [];
    const { reason, detail } = failure;
    const handler = entry["handler"].slice(0, MAX_REASON_LENGTH);
    return [{ handler, isAway, ...textField("reason", reason), ...textField("detail", detail) }];
  });
  return failing.length === 0 ? {} : { handlers: failing.slice(0, MAX_HANDLERS) };
}

/** The JSON object in an answer. Throws when the answer is anything else. */
export function objectIn(path: string, text: string): Record<string, unknown> {
  const value = jsonIn(text);
  if (isObject(value)) return value;
  throw new Error(`${path} did not answer with a JSON object: ${text.slice(0, 40)}`);
}

export function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value.slice(0, MAX_REASON_LENGTH) : otherwise;
}

function textField<K extends string>(name: K, value: unknown): { [key in K]?: string } {
  return (typeof value === "string" ? { [name]: value.slice(0, MAX_REASON_LENGTH) } : {}) as { [key in K]?: string };
}

function countField<K extends string>(name: K, value: unknown): { [key in K]?: number } {
  return (isWholeNumber(value) ? { [name]: value } : {}) as { [key in K]?: number };
}
