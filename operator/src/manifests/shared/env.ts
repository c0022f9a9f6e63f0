import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { exposureProfile } from "../exposure/profiles.ts";
import { authKeys } from "../auth-secret.ts";
import { namesOf, ports } from "./names.ts";
import { serverResources } from "./container-resources.ts";
import { knowsHandlers, knowsPublishToken, knowsRecovery } from "./pod-release.ts";
import { recoveryBytes } from "../recovery-memory.ts";
import { redisTls } from "./redis-tls.ts";
import { quantityOf } from "./quantity.ts";

export interface EnvironmentVariable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string; key: string }; fieldRef?: { fieldPath: string } };
}

export const liveConfigFile = "/etc/realtime/config.json";

/**
 * In a rollout AllAtOnce, an old gateway moves no connection for this long after SIGTERM. All old gateways get SIGTERM
 * within a few seconds, so all of them are closed to new clients by then. So no moved client connects to another old
 * gateway.
 */
export const DRAIN_DELAY_SECONDS = 10;

/**
 * Networks in which the pods of ingress controllers are: private, carrier-grade NAT, loopback and unique local
 * addresses.
 */
const privateNetworks = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,127.0.0.0/8,fc00::/7,::1/128";

/**
 * The gateway's environment variables. They come only from rolling fields. Live fields are in a file, because an edit
 * of a limit must not restart pods.
 */
export function environment(cluster: RealtimeCluster, template: number): EnvironmentVariable[] {
  const { spec } = cluster;
  const trusted = trustedProxies(cluster, template);
  return [
    value("NODE_ENV", "production"),
    ...heapSize(cluster, template),
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    value("PORT", String(ports.public)),
    value("ADMIN_PORT", String(ports.private)),
    value("WS_TRANSPORTS", [...spec.transports].sort().reverse().join(",")),
    value("LIVE_CONFIG_FILE", liveConfigFile),
    value("DRAIN_TIMEOUT_SECONDS", String(spec.drain.timeoutSeconds)),
    ...(spec.rollout.strategy === "AllAtOnce" ? [value("DRAIN_DELAY_SECONDS", String(DRAIN_DELAY_SECONDS))] : []),
    ...(knowsRecovery("gateway", template) ? [value("RECOVERY_MAX_BYTES", String(recoveryBytes(spec)))] : []),
    ...(trusted === "" ? [] : [value("TRUSTED_PROXIES", trusted)]),
    secret("ADMIN_TOKEN", namesOf(cluster).auth, authKeys.adminToken),
    ...(knowsPublishToken(template) ? [secret("PUBLISH_TOKEN", namesOf(cluster).auth, authKeys.publishToken)] : []),
    ...(knowsHandlers(template) ? [secret("HANDLER_SECRET", namesOf(cluster).auth, authKeys.handlerSecret)] : []),
    ...authentication(cluster),
    ...redis(cluster),
  ];
}

/**
 * The value of TRUSTED_PROXIES. Empty: the gateway trusts no proxy. Version 1 of the pod template did not trust the
 * networks of load balancers, and must stay unchanged.
 */
function trustedProxies(cluster: RealtimeCluster, template: number): string {
  const { trustedProxies: listed, exposure } = cluster.spec;
  if (listed.length > 0) return listed.join(",");
  if (exposure.type === "None") return "";
  const ofLoadBalancer = template < 2 ? undefined : exposureProfile(cluster).trustedProxies;
  return [privateNetworks, ...(ofLoadBalancer ?? [])].join(",");
}

/**
 * Tells V8 the memory limit, so that V8 collects garbage in time. Otherwise the kernel would kill the process. Without
 * a memory limit, V8 chooses a size itself.
 */
function heapSize(cluster: RealtimeCluster, template: number): EnvironmentVariable[] {
  const limit = serverResources(cluster.spec, template).limits["memory"];
  return limit === undefined ? [] : [value("NODE_OPTIONS", `--max-old-space-size=${heapMegabytes(limit)}`)];
}

/**
 * MiB of V8's old space: 60 % of the memory limit, but at least 64. The rest of the memory is for socket buffers (up to
 * maxQueuedBytes for each slow client), the young generation, code, and the process itself.
 */
export function heapMegabytes(memoryLimit: string | number): number {
  return Math.max(64, Math.floor(((quantityOf(memoryLimit) ?? 0) / 2 ** 20) * 0.6));
}

function authentication(cluster: RealtimeCluster): EnvironmentVariable[] {
  const { type, jwt } = cluster.spec.auth;
  if (type === "None") return [value("JWT_ISSUERS", "none")];
  if (jwt?.secret !== undefined) return [secret("JWT_SECRET", jwt.secret.name, jwt.secret.key)];
  return [value("JWT_ISSUERS", JSON.stringify(jwt?.issuers ?? []))];
}

function redis(cluster: RealtimeCluster): EnvironmentVariable[] {
  const names = namesOf(cluster);
  const { type, managed, external } = cluster.spec.redis;
  if (type === "None") return [value("REDIS_ENABLED", "false")];
  // Several clusters may share one Redis, so each has its own prefix. Different database numbers would not separate
  // them, because Pub/Sub ignores the database number.
  const common = [
    value("REDIS_ENABLED", "true"),
    value("REDIS_PREFIX", `${cluster.metadata.namespace}.${cluster.metadata.name}`),
  ];
  if (type === "External")
    return [
      ...common,
      secret("REDIS_URL", external?.urlSecret.name ?? "", external?.urlSecret.key ?? "url"),
      ...redisTls(cluster).variables.map(({ name, path }) => value(name, path)),
    ];
  const password = secret("REDIS_PASSWORD", names.auth, authKeys.redisPassword);
  if ((managed?.replicas ?? 1) === 1)
    return [...common, value("REDIS_HOST", names.redis), value("REDIS_PORT", String(ports.redis)), password];
  // The URLs contain no password. The gateway adds the password from REDIS_PASSWORD.
  const nodes = [0, 1].map((index) => `redis://${names.redis}-${index}.${names.redisNodes}:${ports.redis}`);
  return [...common, value("REDIS_URL", nodes.join(",")), password];
}

/**
 * The kubelet expands $(NAME) in a value and replaces $$ by $. Double every $, so that the process gets the original
 * text.
 */
function value(name: string, text: string): EnvironmentVariable {
  return { name, value: text.replaceAll("$", "$$$$") };
}

function secret(name: string, secretName: string, key: string): EnvironmentVariable {
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}
