import { healthyFacts } from "../../../../test/reconcile/build.ts";
import { allAnswered, testCondition, found, healthy } from "../../../../test/reconcile/condition-cases.ts";

const withTls = { exposure: { type: "Ingress", host: "a.example.com", tls: { secretName: "chat-tls" } } };

testCondition("ConfigurationWarning", [
  ["nothing is risky", found(healthyFacts()), "False NoWarnings"],
  ["anybody may come in", found(healthy({ auth: { type: "None" } })), "True NoAuthentication"],
  ["any origin may", found(healthy({ origins: ["*"] })), "True AnyOrigin"],
  ["one gateway is wanted", found(healthy({ replicas: 1, limits: { maxConnections: 1000 } })), "True SingleGateway"],
  [
    "a patch shortens the grace period",
    found(healthy({ podPatch: { spec: { terminationGracePeriodSeconds: 5 } } })),
    "True GracePeriodTooShort",
    "spec.podPatch sets terminationGracePeriodSeconds 5, and spec.drain.timeoutSeconds is 300: Kubernetes kills a pod before it has moved its connections; lower spec.drain.timeoutSeconds",
  ],
  ["a patch holds anything at all", found(healthy({ podPatch: { spec: null } })), "False NoWarnings"],
  [
    "the unit of memory was forgotten",
    found(healthy({ resources: { limits: { memory: "512" } } })),
    "True MemoryTooLow",
    "spec.resources.limits.memory 512 is less than the 128Mi a gateway needs to start: raise it",
  ],
  [
    "memory is just enough without recovery",
    found(healthy({ resources: { limits: { memory: "128Mi" } }, recovery: { windowSeconds: 0 } })),
    "False NoWarnings",
  ],
  [
    "memory is just enough with recovery",
    found(healthy({ resources: { limits: { memory: "192Mi" } } })),
    "False NoWarnings",
  ],
  [
    "the messages that are kept do not fit into a gateway",
    found(healthy({ resources: { limits: { memory: "512Mi" } }, recovery: { maxBytes: "256Mi" } })),
    "True MemoryTooLow",
    "spec.recovery.maxBytes 256Mi does not fit into spec.resources.limits.memory 512Mi, so a gateway can be killed when it keeps that many messages: raise the memory to 640Mi or more, or lower spec.recovery.maxBytes",
  ],
  [
    "the messages that are kept and the ledger do not fit into Redis",
    found(healthy({ redis: { type: "Managed", managed: { resources: { limits: { memory: "64Mi" } } } } })),
    "True RedisMemoryTooLow",
    "spec.recovery.maxBytes 32Mi and spec.limits.maxConnections 10000 need 78Mi in Redis, but spec.redis.managed.resources.limits.memory 64Mi leaves 48Mi for data: when Redis is full, each gateway enforces only its share of the limits, and no messages are kept for clients that return; raise this limit to 104Mi or more, or lower one of the other two fields",
  ],
  [
    "the ledger alone does not fit into Redis",
    found(
      healthy({
        redis: { type: "Managed", managed: { resources: { limits: { memory: "32Mi" } } } },
        recovery: { windowSeconds: 0 },
      }),
    ),
    "True RedisMemoryTooLow",
    "spec.limits.maxConnections 10000 needs 38Mi in Redis, but spec.redis.managed.resources.limits.memory 32Mi leaves 24Mi for data: when Redis is full, each gateway enforces only its share of the limits; raise this limit to 50Mi or more, or lower spec.limits.maxConnections",
  ],
  [
    "Redis has no memory limit",
    found(healthy({ redis: { type: "Managed", managed: { resources: { limits: { cpu: "1" } } } } })),
    "False NoWarnings",
  ],
  [
    "the drain is too short",
    found(
      healthy({
        limits: { maxConnections: 100_000 },
        drain: { connectionsPerSecond: 100, timeoutSeconds: 300 },
        redis: { type: "Managed", managed: { resources: { limits: { memory: "1Gi" } } } },
      }),
    ),
    "True DrainTooShort",
    "a full pod has 50000 connections and needs 500 s to move them at spec.drain.connectionsPerSecond 100, but spec.drain.timeoutSeconds is 300: the remaining connections are then closed at once",
  ],
  [
    "the drain is too short for a rollout of all pods at once",
    found(
      healthy({
        limits: { maxConnections: 40_000 },
        drain: { connectionsPerSecond: 100, timeoutSeconds: 300 },
        rollout: { strategy: "AllAtOnce" },
      }),
    ),
    "True DrainTooShort",
    "with spec.rollout.strategy AllAtOnce a full cluster has 40000 connections and needs 410 s to move them at spec.drain.connectionsPerSecond 100, but spec.drain.timeoutSeconds is 300: the remaining connections are then closed at once",
  ],
  [
    "the drain is exactly long enough",
    found(healthy({ limits: { maxConnections: 60_000 }, drain: { connectionsPerSecond: 100, timeoutSeconds: 300 } })),
    "False NoWarnings",
  ],
  [
    "a volume cannot grow",
    found(
      healthy(
        { redis: { type: "Managed", managed: { storage: "9Gi" } } },
        {
          claims: [{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "d", uid: "c" } }],
          refusedGrowth: new Map([["c", { storage: "9Gi", message: "no", atMs: 0 }]]),
        },
      ),
    ),
    "True StorageResizeRefused",
    "spec.redis.managed.storage 9Gi: the volume could not be resized (no)",
  ],
  [
    "a volume that could not grow has grown since",
    found(
      healthy(
        { redis: { type: "Managed", managed: { storage: "9Gi" } } },
        {
          claims: [
            {
              apiVersion: "v1",
              kind: "PersistentVolumeClaim",
              metadata: { name: "d", uid: "c" },
              spec: { resources: { requests: { storage: "9Gi" } } },
            },
          ],
          refusedGrowth: new Map([["c", { storage: "9Gi", message: "no", atMs: 0 }]]),
        },
      ),
    ),
    "False NoWarnings",
  ],
  [
    "clients come through Cloudflare, which is not trusted",
    found(allAnswered(healthy({}), { unlistedProxy: "cloudflare" })),
    "True ProxyNotTrusted",
    "clients come through Cloudflare, which the gateways do not trust: the gateways see one address for all its clients, so all of them together share one spec.limits.maxConnectionsPerAddress; set spec.trustedProxies to [private, cloudflare]",
  ],
  [
    "clients come through Cloudflare before a listed load balancer",
    found(allAnswered(healthy({ trustedProxies: ["private", "gke"] }), { unlistedProxy: "cloudflare" })),
    "True ProxyNotTrusted",
    "clients come through Cloudflare, which the gateways do not trust: the gateways see one address for all its clients, so all of them together share one spec.limits.maxConnectionsPerAddress; set spec.trustedProxies to [private, gke, cloudflare]",
  ],
  [
    "clients come through a CDN before the load balancer",
    found(allAnswered(healthy({}), { unlistedProxy: "unknown" })),
    "True ProxyNotTrusted",
    "clients come through a proxy that the gateways do not trust: the gateways see one address for all its clients, so all of them together share one spec.limits.maxConnectionsPerAddress; find its address in the gateways' logs, then set spec.trustedProxies to [private, NETWORK], or to [private, +1] if every client comes through it, as with CloudFront",
  ],
  [
    "one more proxy than the trusted number",
    found(allAnswered(healthy({ trustedProxies: ["1"] }), { unlistedProxy: "unknown" })),
    "True ProxyNotTrusted",
    "clients come through a proxy that the gateways do not trust: the gateways see one address for all its clients, so all of them together share one spec.limits.maxConnectionsPerAddress; find its address in the gateways' logs, then set spec.trustedProxies to [2] if every client comes through it",
  ],
  [
    "the certificate is missing",
    found(healthy(withTls, { tlsSecret: { state: "missing" } })),
    "True TLSSecretMissing",
    "spec.exposure.tls.secretName: there is no Secret chat-tls in this namespace: browsers get the controller's own certificate; create the Secret with a certificate, or check the Certificate of cert-manager",
  ],
  [
    "the certificate has no key",
    found(healthy(withTls, { tlsSecret: { state: "present", keys: new Map([["tls.crt", { bytes: 9, hash: "a" }]]) } })),
    "True TLSSecretMissing",
  ],
  [
    "the certificate is not known yet",
    found(healthy(withTls, { tlsSecret: { state: "unknown" } })),
    "False NoWarnings",
  ],
  [
    "several things are risky: the message names all",
    found(healthy({ auth: { type: "None" }, origins: ["*"] })),
    "True NoAuthentication",
    `spec.auth.type None lets everybody connect: use JWT in production; spec.origins contains "*", so web pages of any site can connect with their visitors' tokens: list your own origins`,
  ],
]);
