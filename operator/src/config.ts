/**
 * The configuration of `realtime run`. It comes from environment variables, which docs/operator.md and the chart also
 * list.
 */
export interface Config {
  /** The name of this operator among its replicas, normally the pod's name. Leader election, logs and events use it. */
  identity: string;
  /** The namespace of the operator's pod and of its Lease object for leader election. */
  namespace: string;
  /** Namespaces that the operator manages. Empty: all. */
  watchNamespaces: readonly string[];
  images: { gateway: string; redis: string };
  /** The upgrade policy of clusters without spec.upgrade. */
  upgrade: "Automatic" | "Manual";
  /**
   * Name of the Lease object for leader election. Undefined: there is no election. This is safe only for a single
   * operator.
   */
  leaseName: string | undefined;
  healthPort: number;
  metricsPort: number;
  logLevel: string;
  logFormat: "numbers" | "words";
  /** How many clusters are reconciled at a time. */
  concurrency: number;
}

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

export const environment = {
  POD_NAME: { default: "", consequence: "name of this operator in the lease, logs and events; empty: the host's name" },
  POD_NAMESPACE: { default: "realtime-system", consequence: "namespace of the lease" },
  WATCH_NAMESPACES: { default: "", consequence: "namespaces to manage, comma-separated; empty: all" },
  GATEWAY_IMAGE: {
    default: "ghcr.io/realtime-operator/gateway:0.1.0",
    consequence: "gateway image of clusters without spec.image",
  },
  REDIS_IMAGE: {
    default: "docker.io/library/redis:7.4-alpine",
    consequence: "Redis image of clusters without spec.redis.managed.image",
  },
  UPGRADE: {
    default: "Manual",
    consequence: "for clusters without spec.upgrade; Automatic: an upgrade of the operator also upgrades their pods",
  },
  LEADER_ELECTION: {
    default: "true",
    consequence: "false: this operator leads without a lease, so it must be the only one",
  },
  LEASE_NAME: { default: "realtime-operator", consequence: "name of the lease that replicas compete for" },
  HEALTH_PORT: { default: "8081", consequence: "port of /livez and /readyz" },
  METRICS_PORT: { default: "8080", consequence: "port of /metrics" },
  CONCURRENCY: { default: "8", consequence: "number of clusters that are reconciled at the same time" },
  LOG_FORMAT: { default: "numbers", consequence: "how entries name their level: numbers (30) or words (info)" },
  LOG_LEVEL: { default: "info", consequence: "less severe log entries are not written" },
} as const satisfies Record<string, { default: string; consequence: string }>;

export type ConfigAnswer = { config: Config } | { problems: readonly string[] };

/** Reads the environment. Reports all mistakes at once, each with the variable, the fault and the fix. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>, hostName: string): ConfigAnswer {
  const text = (name: keyof typeof environment): string => env[name]?.trim() || environment[name].default;
  const watchNamespaces = text("WATCH_NAMESPACES")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const problems = problemsOf(text, watchNamespaces);
  const whole = (name: keyof typeof environment, least: number, most: number): number => {
    const value = Number(text(name));
    if (!/^\d+$/.test(text(name)) || value < least || value > most)
      problems.push(`${name} must be a whole number from ${least} to ${most}, not "${text(name)}"`);
    return value;
  };
  const config: Config = {
    identity: text("POD_NAME") || hostName,
    namespace: text("POD_NAMESPACE"),
    watchNamespaces,
    images: { gateway: text("GATEWAY_IMAGE"), redis: text("REDIS_IMAGE") },
    upgrade: text("UPGRADE") === "Automatic" ? "Automatic" : "Manual",
    leaseName: text("LEADER_ELECTION") === "false" ? undefined : text("LEASE_NAME"),
    healthPort: whole("HEALTH_PORT", 0, 65535),
    metricsPort: whole("METRICS_PORT", 0, 65535),
    logLevel: text("LOG_LEVEL"),
    logFormat: text("LOG_FORMAT") === "words" ? "words" : "numbers",
    concurrency: whole("CONCURRENCY", 1, 256),
  };
  const { healthPort, metricsPort } = config;
  if (healthPort === metricsPort && healthPort !== 0)
    problems.push(`HEALTH_PORT and METRICS_PORT must differ, and both are ${healthPort}`);
  return problems.length > 0 ? { problems } : { config: Object.freeze(config) };
}

function problemsOf(text: (name: keyof typeof environment) => string, watchNamespaces: readonly string[]): string[] {
  const problems = watchNamespaces
    .filter((namespace) => !label.test(namespace))
    .map((namespace) => `WATCH_NAMESPACES must contain names of namespaces, comma-separated, not "${namespace}"`);
  const check = (name: keyof typeof environment, allowed: readonly string[], list: string): void => {
    if (!allowed.includes(text(name))) problems.push(`${name} must be ${list}, not "${text(name)}"`);
  };
  check("LEADER_ELECTION", ["true", "false"], "true or false");
  check("LOG_FORMAT", ["numbers", "words"], "numbers or words");
  check("LOG_LEVEL", logLevels, `one of ${logLevels.join(", ")}`);
  check("UPGRADE", ["Automatic", "Manual"], "Automatic or Manual");
  return problems;
}
