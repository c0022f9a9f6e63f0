import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../api/kube-object.ts";
import { resources } from "../../api/resources.ts";
import {
  clusterWith,
  emptyFacts,
  findingsOf,
  healthyFacts,
  nowMs,
  podWith,
  withChild,
} from "../../../test/reconcile/build.ts";
import { desired } from "../desired.ts";
import type { Facts } from "../facts/facts.ts";
import type { Findings } from "../findings.ts";
import { inputsOf } from "../inputs-of.ts";
import { plan } from "../plan.ts";
import { conditionFunctions, type ConditionType } from "../status-of.ts";
import { optionalName } from "../../watches/optional-kinds.ts";

/** Findings as a look at these facts would have them, what waits for its kind included. */
function found(facts: Facts, change: Partial<Findings> = {}): Findings {
  return findingsOf(facts, { waiting: plan(desired(facts.cluster, inputsOf(facts)), facts).waiting, ...change });
}

const healthy = (spec: object, change: Parameters<typeof healthyFacts>[0] = {}) =>
  healthyFacts({ cluster: clusterWith(spec), ...change });
const problem = { reason: "SecretMissing", message: "spec.auth: there is no Secret x" } as const;
const error = new Error("while applying Service chat-server: quota");
const crashing = (name: string) =>
  podWith(name, {
    isReady: false,
    status: {
      containerStatuses: [
        {
          name: "gateway",
          restartCount: 4,
          state: { waiting: { reason: "CrashLoopBackOff" } },
          lastState: { terminated: { reason: "Error", exitCode: 2 } },
        },
      ],
    },
  });
const homeless = (name: string, component: "server" | "redis", seconds = 60) =>
  podWith(name, {
    component,
    status: {
      phase: "Pending",
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          message: "0/3 nodes are available",
          lastTransitionTime: new Date(nowMs - seconds * 1000).toISOString(),
        },
      ],
    },
  });
const stalled = {
  deployment: {
    readyReplicas: 1,
    conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" }],
  },
};
const short = { deployment: { readyReplicas: 1 } };
const unready = (spec: object): Facts =>
  healthy(spec, {
    pods: [podWith("a", { isReady: false })],
    answers: new Map([["uid-a", { askedAtMs: nowMs, unready: "Redis has not been reached yet: r:6379: ENOTFOUND" }]]),
    ...short,
  });
const answered = (facts: Facts, change: object): Facts => ({
  ...facts,
  answers: new Map(
    [...facts.answers].map(([uid, answer], index) => [uid, index === 0 ? { ...answer, ...change } : answer]),
  ),
});
const routeStatus =
  (conditions: object[]) =>
  (child: KubeObject): KubeObject => ({ ...child, status: { parents: [{ parentRef: { name: "edge" }, conditions }] } });
const withStatus =
  (status: object) =>
  (child: KubeObject): KubeObject => ({ ...child, status });
const gatewaySpec = { exposure: { type: "Gateway", host: "a.b", gateway: { parentRefs: [{ name: "edge" }] } } };
const gatewayFacts = healthy(gatewaySpec, { installed: new Set([optionalName(resources.httpRoutes)]) });
const monitoredSpec = { monitoring: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } } };
const kedaSpec = { autoscaling: { type: "KEDA", minReplicas: 2, maxReplicas: 4, prometheusAddress: "http://p" } };
const hpaSpec = { autoscaling: { type: "HPA", minReplicas: 2, maxReplicas: 4 } };
const externalSpec = { redis: { type: "External", external: { urlSecret: { name: "r" } } } };
const nextRelease = {
  images: { gateway: "gateway:2", redis: "redis:8" },
  upgrade: "Manual" as const,
  operatorNamespace: "realtime-system",
};
const redisPod = (isReady: boolean) => [
  podWith("chat-server-1"),
  podWith("chat-redis-0", { component: "redis", isReady }),
];

type Row = [
  type: ConditionType,
  when: string,
  findings: Findings,
  want: `${"True" | "False" | "Unknown"} ${string}`,
  wantMessage?: string,
];

const rows: Row[] = [
  ["Ready", "all is well", found(healthyFacts()), "True Ready", "2 gateways take connections"],
  ["Ready", "the spec has a problem", found(healthyFacts(), { problem }), "False SecretMissing", problem.message],
  ["Ready", "a write failed", found(healthyFacts(), { error }), "False ApplyFailed", error.message],
  ["Ready", "Redis is not", found(healthy({}, { pods: redisPod(false) })), "False RedisNotReady"],
  [
    "Ready",
    "Redis answers, and its controller has not seen an edit",
    found(withChild(healthyFacts(), "StatefulSet", withStatus({ observedGeneration: 0, updatedReplicas: 1 }))),
    "False RedisRollingOut",
    "the StatefulSet's controller has not seen its newest spec yet",
  ],
  [
    "Ready",
    "Redis answers, and is of the old template",
    found(withChild(healthyFacts(), "StatefulSet", withStatus({ observedGeneration: 1, updatedReplicas: 0 }))),
    "False RedisRollingOut",
    "0 of 1 Redis pods are of the newest template",
  ],
  [
    "Ready",
    "gateways are missing",
    found(healthyFacts({ deployment: { readyReplicas: 1 } })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready",
  ],
  [
    "Ready",
    "a gateway crashes",
    found(healthy({}, { pods: [crashing("a"), ...redisPod(true)], ...short })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a: container gateway keeps ending, last with exit code 2 (Error), 4 restarts: kubectl logs a --previous says why",
  ],
  [
    "Ready",
    "a gateway waits for a node",
    found(healthy({}, { pods: [homeless("a", "server"), ...redisPod(true)], ...short })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a has no node: 0/3 nodes are available",
  ],
  [
    "Ready",
    "a gateway waited for a node until the deadline",
    found(healthy({}, { pods: [homeless("a", "server"), ...redisPod(true)], ...stalled })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a has no node: 0/3 nodes are available",
  ],
  [
    "Ready",
    "a gateway says why it is not ready",
    found({ ...unready({}), pods: [...unready({}).pods, ...redisPod(true)] }),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a: Redis has not been reached yet: r:6379: ENOTFOUND",
  ],
  [
    "Ready",
    "a quota forbids pods",
    found(
      healthyFacts({
        deployment: {
          readyReplicas: 1,
          conditions: [
            {
              type: "ReplicaFailure",
              status: "True",
              reason: "FailedCreate",
              message: 'pods "chat-server-x7x" is forbidden: exceeded quota',
            },
          ],
        },
      }),
    ),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: FailedCreate: pods are forbidden: exceeded quota",
  ],
  [
    "Ready",
    "old gateways are left",
    found(healthyFacts({ deployment: { replicas: 3, updatedReplicas: 2 } })),
    "False GatewaysNotReady",
    "1 gateway of the old template is still there",
  ],
  [
    "Ready",
    "the newest template's only pod finds no node",
    found(
      healthy(
        {},
        { pods: [homeless("b", "server"), ...redisPod(true)], deployment: { replicas: 3, updatedReplicas: 1 } },
      ),
    ),
    "False GatewaysNotReady",
    "1 of 2 gateways are of the newest template: pod b has no node: 0/3 nodes are available",
  ],
  [
    "Ready",
    "more gateways are there than are wanted",
    found(healthyFacts({ deployment: { replicas: 3, updatedReplicas: 3 } })),
    "False GatewaysNotReady",
    "3 gateways are there, and 2 are wanted",
  ],
  [
    "Ready",
    "an edit was not seen yet",
    found(healthyFacts({ deployment: { observedGeneration: 0 } })),
    "False GatewaysNotReady",
    "the Deployment's controller has not seen its newest spec yet",
  ],
  [
    "Ready",
    "the newest template is rolling out",
    found(healthyFacts({ deployment: { updatedReplicas: 1 } })),
    "False GatewaysNotReady",
    "1 of 2 gateways are of the newest template",
  ],
  [
    "Ready",
    "nothing was made yet but Redis",
    found(withChild(healthyFacts(), "Deployment", undefined)),
    "False GatewaysNotReady",
    "there is no Deployment of gateways yet",
  ],
  [
    "Ready",
    "the route is refused",
    found(
      withChild(
        gatewayFacts,
        "HTTPRoute",
        routeStatus([{ type: "Accepted", status: "False", reason: "NoMatchingParent", message: "no listener" }]),
      ),
    ),
    "False ExposureNoMatchingParent",
  ],
  [
    "Ready",
    "nobody has looked at the route",
    found(gatewayFacts),
    "False ExposureNoGateway",
    "no Gateway has reported on the route yet: check spec.exposure.gateway.parentRefs and the Gateway's controller",
  ],
  ["Ready", "it is paused and as the spec wants it", found(healthy({ paused: true }), { held: 0 }), "True Ready"],
  [
    "Ready",
    "it is paused and was edited since",
    found(healthy({ paused: true }), { held: 2 }),
    "Unknown Paused",
    "spec.paused is true, and 2 objects are not as the spec wants",
  ],

  ["Available", "nothing is there", found(emptyFacts()), "False NotFound"],
  [
    "Available",
    "one of two is ready",
    found(healthyFacts({ deployment: { readyReplicas: 1 } })),
    "True GatewayReady",
    "1 of 2 gateways take connections",
  ],
  ["Available", "none is ready", found(healthyFacts({ deployment: { readyReplicas: 0 } })), "False NoGatewayReady"],
  [
    "Available",
    "none is wanted",
    found(healthy({ replicas: 0 }, { deployment: { readyReplicas: 0, replicas: 0 } })),
    "False ScaledToZero",
    "spec.replicas is 0: there is no gateway",
  ],
  [
    "Available",
    "somebody has taken all while it is paused",
    found(
      withChild(
        healthy({ paused: true }, { deployment: { readyReplicas: 0, replicas: 0 } }),
        "Deployment",
        (child) => ({ ...child, spec: { replicas: 0 } }),
      ),
    ),
    "False ScaledToZero",
    "somebody else has scaled the Deployment to 0: there is no gateway",
  ],
  ["Available", "it runs and the spec has a problem by now", found(healthyFacts(), { problem }), "True GatewayReady"],

  ["Progressing", "nothing is there", found(emptyFacts()), "True Creating"],
  ["Progressing", "all is well", found(healthyFacts()), "False Stable"],
  [
    "Progressing",
    "pods are of the old template",
    found(healthyFacts({ deployment: { updatedReplicas: 1 } })),
    "True RollingOut",
    "1 of 2 gateways are of the newest template",
  ],
  [
    "Progressing",
    "a pod of the old template waits until the new one is ready",
    found(healthyFacts({ deployment: { replicas: 3, updatedReplicas: 2 } })),
    "True RollingOut",
    "2 of 2 gateways are of the newest template",
  ],
  [
    "Progressing",
    "pods start",
    found(healthyFacts({ deployment: { readyReplicas: 1 } })),
    "True Scaling",
    "1 of 2 gateways are ready",
  ],
  [
    "Progressing",
    "the deadline is over",
    found(
      healthyFacts({
        deployment: {
          readyReplicas: 0,
          conditions: [
            { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" },
          ],
        },
      }),
    ),
    "False Stalled",
    "ProgressDeadlineExceeded: timed out",
  ],
  ["Progressing", "the spec has a problem", found(healthyFacts(), { problem }), "False Stopped"],

  ["Degraded", "all is well", found(healthyFacts()), "False AsExpected"],
  [
    "Degraded",
    "the spec has a problem: that is not for the operator to mend",
    found(healthyFacts(), { problem }),
    "False AsExpected",
  ],
  [
    "Degraded",
    "a name is taken",
    found(healthyFacts(), { problem: { reason: "NameTaken", message: "Service x" } }),
    "True NameTaken",
  ],
  [
    "Degraded",
    "a write failed",
    found(healthyFacts(), { error }),
    "True ApplyFailed",
    `${error.message}; it is tried again`,
  ],
  [
    "Degraded",
    "somebody fights for an object",
    found(healthyFacts(), { overwritten: ["Service chat-server"] }),
    "True OverwrittenByOthers",
  ],
  [
    "Degraded",
    "a pod crashes",
    found(healthy({}, { pods: [crashing("chat-server-1")] })),
    "True PodsFailing",
    "pod chat-server-1: container gateway keeps ending, last with exit code 2 (Error), 4 restarts: kubectl logs chat-server-1 --previous says why",
  ],
  [
    "Degraded",
    "two pods crash",
    found(healthy({}, { pods: [crashing("a"), crashing("b")] })),
    "True PodsFailing",
    "pod a: container gateway keeps ending, last with exit code 2 (Error), 4 restarts: kubectl logs a --previous says why, and 1 more",
  ],
  [
    "Degraded",
    "a pod that crashed is on its way out",
    found(
      healthy({}, { pods: [{ ...crashing("a"), metadata: { ...crashing("a").metadata, deletionTimestamp: "x" } }] }),
    ),
    "False AsExpected",
  ],
  [
    "Degraded",
    "Redis finds no volume",
    found(healthy({}, { pods: [podWith("chat-server-1"), homeless("chat-redis-0", "redis")] })),
    "True PodsFailing",
    "pod chat-redis-0 has no node: 0/3 nodes are available",
  ],
  [
    "Degraded",
    "Redis has had no volume for a moment",
    found(healthy({}, { pods: [podWith("chat-server-1"), homeless("chat-redis-0", "redis", 59)] })),
    "False AsExpected",
  ],
  [
    "Degraded",
    "a gateway waits for a node",
    found(healthy({}, { pods: [homeless("chat-server-1", "server")] })),
    "False AsExpected",
  ],
  [
    "Degraded",
    "a gateway waited for a node until the deadline",
    found(healthy({}, { pods: [homeless("a", "server")], ...stalled })),
    "True RolloutStalled",
    "ProgressDeadlineExceeded: timed out; pod a has no node: 0/3 nodes are available",
  ],
  [
    "Degraded",
    "pods cannot be made",
    found(
      healthyFacts({
        deployment: {
          conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota" }],
        },
      }),
    ),
    "True RolloutStalled",
    "FailedCreate: quota",
  ],

  ["ConfigurationAccepted", "all is well", found(healthyFacts()), "True Accepted"],
  ["ConfigurationAccepted", "the spec has a problem", found(healthyFacts(), { problem }), "False SecretMissing"],
  [
    "ConfigurationAccepted",
    "a name is taken: the spec is fine",
    found(healthyFacts(), { problem: { reason: "NameTaken", message: "" } }),
    "True Accepted",
  ],
  [
    "ConfigurationAccepted",
    "a Secret is not read yet",
    found(emptyFacts({ secrets: new Map([["apps/chat-jwt", { state: "unknown" }]]) })),
    "Unknown ReadingSecrets",
  ],

  ["ConfigurationWarning", "nothing is risky", found(healthyFacts()), "False NoWarnings"],
  ["ConfigurationWarning", "anybody may come in", found(healthy({ auth: { type: "None" } })), "True NoAuthentication"],
  ["ConfigurationWarning", "any origin may", found(healthy({ origins: ["*"] })), "True AnyOrigin"],
  [
    "ConfigurationWarning",
    "one gateway is wanted",
    found(healthy({ replicas: 1, limits: { maxConnections: 1000 } })),
    "True SingleGateway",
  ],
  [
    "ConfigurationWarning",
    "a patch undoes the grace period",
    found(healthy({ podPatch: { spec: { terminationGracePeriodSeconds: 5 } } })),
    "True GracePeriodTooShort",
    "spec.podPatch sets terminationGracePeriodSeconds 5, and spec.drain.timeoutSeconds is 300: a pod is killed before it has moved its connections; lower the latter instead",
  ],
  [
    "ConfigurationWarning",
    "a patch holds anything at all",
    found(healthy({ podPatch: { spec: null } })),
    "False NoWarnings",
  ],
  [
    "ConfigurationWarning",
    "the unit of memory was forgotten",
    found(healthy({ resources: { limits: { memory: "512" } } })),
    "True MemoryTooLow",
    "spec.resources.limits.memory 512 is less than the 128Mi a gateway needs to start: raise it",
  ],
  [
    "ConfigurationWarning",
    "memory is just enough",
    found(healthy({ resources: { limits: { memory: "128Mi" } } })),
    "False NoWarnings",
  ],
  [
    "ConfigurationWarning",
    "the drain is too short",
    found(healthy({ limits: { maxConnections: 100_000 }, drain: { connectionsPerSecond: 100, timeoutSeconds: 300 } })),
    "True DrainTooShort",
    "a full pod has 50000 connections and needs 500 s to move them at spec.drain.connectionsPerSecond 100, but spec.drain.timeoutSeconds is 300: what is left then is closed at once",
  ],
  [
    "ConfigurationWarning",
    "the drain is exactly long enough",
    found(healthy({ limits: { maxConnections: 60_000 }, drain: { connectionsPerSecond: 100, timeoutSeconds: 300 } })),
    "False NoWarnings",
  ],
  [
    "ConfigurationWarning",
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
    "spec.redis.managed.storage 9Gi: the volume keeps its size (no)",
  ],
  [
    "ConfigurationWarning",
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
    "ConfigurationWarning",
    "several things are risky: all are told",
    found(healthy({ auth: { type: "None" }, origins: ["*"] })),
    "True NoAuthentication",
    `spec.auth.type None lets everybody in: use JWT outside of trials; spec.origins holds "*": pages of any site may connect with their visitors' tokens`,
  ],

  ["UpToDate", "pods are of the operator's release", found(healthyFacts()), "True UpToDate"],
  ["UpToDate", "nothing is there", found(emptyFacts()), "Unknown NotFound"],
  [
    "UpToDate",
    "the operator is of another release",
    found({ ...healthyFacts(), release: nextRelease }),
    "False UpgradePending",
    "gateways stay with registry.example.com/gateway:1, and gateway:2 waits; Redis stays with registry.example.com/redis:7, and redis:8 waits: spec.upgrade Automatic takes it",
  ],
  [
    "UpToDate",
    "the image is named: there is nothing to wait for",
    found({
      ...healthy({ image: "gateway:mine" }),
      release: { ...nextRelease, images: { ...nextRelease.images, redis: "registry.example.com/redis:7" } },
    }),
    "True UpToDate",
  ],
  [
    "UpToDate",
    "the cluster follows and is paused",
    found({ ...healthy({ upgrade: "Automatic", paused: true }), release: nextRelease }),
    "False UpgradePending",
    "gateways stay with registry.example.com/gateway:1, and gateway:2 waits; Redis stays with registry.example.com/redis:7, and redis:8 waits: it comes when nothing is in the way any more",
  ],

  [
    "LimitsApplied",
    "all have answered",
    found(healthyFacts()),
    "True InForce",
    "all 2 gateways have the live fields of generation 1 in force",
  ],
  [
    "LimitsApplied",
    "the only one has answered",
    found(healthy({}, { pods: [podWith("chat-server-1")] })),
    "True InForce",
    "the only gateway has the live fields of generation 1 in force",
  ],
  [
    "LimitsApplied",
    "one has older ones",
    found(answered(healthyFacts(), { hash: "old", generation: 0 })),
    "False Applying",
    "1 of 2 gateways have the live fields of generation 1 in force; chat-server-1 lags",
  ],
  [
    "LimitsApplied",
    "one does not answer",
    found(answered(healthyFacts(), { hash: undefined, generation: undefined, problem: "no answer within 2 s" })),
    "False Applying",
    "1 of 2 gateways have the live fields of generation 1 in force; chat-server-1 lags (no answer within 2 s)",
  ],
  [
    "LimitsApplied",
    "one is silent that has them in force",
    found(answered(healthyFacts(), { problem: "no answer within 2 s" })),
    "True InForce",
  ],
  [
    "LimitsApplied",
    "no gateway is ready",
    found(healthy({}, { pods: [podWith("a", { isReady: false })] })),
    "Unknown NoGateway",
  ],
  [
    "LimitsApplied",
    "the spec has a problem",
    found(answered(healthyFacts(), { hash: "old" }), { problem }),
    "Unknown Stopped",
  ],
  [
    "LimitsApplied",
    "the spec has a problem, and all have the live fields of it",
    found(healthyFacts(), { problem }),
    "True InForce",
  ],
  [
    "LimitsApplied",
    "one started while the operator is paused",
    found(answered(healthy({ paused: true }), { hash: undefined, generation: undefined })),
    "Unknown Paused",
  ],
  ["LimitsApplied", "it is paused and all have them", found(healthy({ paused: true })), "True InForce"],

  ["RedisReady", "it is", found(healthyFacts()), "True Ready", "1 of 1 Redis pods are ready"],
  [
    "RedisReady",
    "it is not",
    found(healthy({}, { pods: redisPod(false) })),
    "False NotReady",
    "0 of 1 Redis pods are ready; gateways go on serving their own clients meanwhile",
  ],
  [
    "RedisReady",
    "it crashes",
    found(
      healthy(
        {},
        { pods: [{ ...crashing("chat-redis-0"), metadata: podWith("chat-redis-0", { component: "redis" }).metadata }] },
      ),
    ),
    "False NotReady",
  ],
  [
    "RedisReady",
    "it has no node",
    found(healthy({}, { pods: [homeless("chat-redis-0", "redis")] })),
    "False NotReady",
    "0 of 1 Redis pods are ready: pod chat-redis-0 has no node: 0/3 nodes are available",
  ],
  [
    "RedisReady",
    "its pod cannot be made",
    found(healthy({}, { pods: [] })),
    "False NotReady",
    "0 of 1 Redis pods are ready: kubectl describe statefulset chat-redis says why there is none",
  ],
  [
    "RedisReady",
    "one of two is ready",
    found(healthy({ redis: { type: "Managed", managed: { replicas: 2 } } })),
    "False NotReady",
    "1 of 2 Redis pods are ready; gateways go on serving their own clients meanwhile",
  ],
  ["RedisReady", "there is none yet", found(emptyFacts()), "False NotFound"],
  ["RedisReady", "none is needed", found(healthy({ replicas: 1, redis: { type: "None" } })), "True Disabled"],
  ["RedisReady", "it is the user's and was reached", found(healthy(externalSpec)), "True Reached"],
  [
    "RedisReady",
    "it is the user's and has gone",
    found({
      ...healthy(externalSpec),
      answers: new Map(
        ["uid-chat-server-1", "uid-chat-server-2"].map((uid) => [uid, { askedAtMs: nowMs, isRedisAway: true }]),
      ),
    }),
    "False Away",
    "no gateway reaches your Redis any more: kubectl logs chat-server-1 says why; gateways go on serving their own clients meanwhile",
  ],
  [
    "RedisReady",
    "it is the user's and one gateway reaches it",
    found(answered(healthy(externalSpec), { isRedisAway: true })),
    "True Reached",
  ],
  [
    "RedisReady",
    "it is the user's and nobody is ready",
    found(healthy(externalSpec, { pods: [podWith("a", { isReady: false })] })),
    "Unknown NotReachedYet",
    "no gateway has reached your Redis yet: kubectl logs a says why",
  ],
  [
    "RedisReady",
    "it is the user's and a gateway says why it is not",
    found(unready(externalSpec)),
    "Unknown NotReachedYet",
    "no gateway has reached your Redis yet: pod a: Redis has not been reached yet: r:6379: ENOTFOUND",
  ],
  [
    "RedisReady",
    "it is the user's and its URL is none",
    found(healthy(externalSpec, { pods: [crashing("a")] })),
    "Unknown NotReachedYet",
    "no gateway has reached your Redis yet: pod a: container gateway keeps ending, last with exit code 2 (Error), 4 restarts: kubectl logs a --previous says why",
  ],

  [
    "ExposureReady",
    "the conditions of a parent are null",
    found(withChild(gatewayFacts, "HTTPRoute", withStatus({ parents: [{ parentRef: null, conditions: null }] }))),
    "Unknown NoGateway",
  ],
  [
    "ExposureReady",
    "no address is published",
    found(healthyFacts()),
    "True Routed",
    "an Ingress routes chat.example.com; no address is published, which not all controllers do: if clients cannot connect, is there a controller of the default class (kubectl get ingressclass)?",
  ],
  [
    "ExposureReady",
    "an address is published",
    found(withChild(healthyFacts(), "Ingress", withStatus({ loadBalancer: { ingress: [{ hostname: "lb" }] } }))),
    "True Published",
    "chat.example.com is routed; the controller answers at lb",
  ],
  ["ExposureReady", "the Ingress is not there", found(emptyFacts()), "False NotFound"],
  ["ExposureReady", "none is wanted", found(healthy({ exposure: { type: "None" } })), "True Disabled"],
  ["ExposureReady", "Gateway API is not installed", found(healthy(gatewaySpec)), "False CRDNotInstalled"],
  ["ExposureReady", "no Gateway has looked", found(gatewayFacts), "Unknown NoGateway"],
  [
    "ExposureReady",
    "the Gateway accepts",
    found(
      withChild(
        gatewayFacts,
        "HTTPRoute",
        routeStatus([
          { type: "Accepted", status: "True" },
          { type: "ResolvedRefs", status: "True" },
        ]),
      ),
    ),
    "True Accepted",
    "Gateway edge has accepted the route",
  ],
  [
    "ExposureReady",
    "the Gateway accepts and cannot resolve",
    found(
      withChild(
        gatewayFacts,
        "HTTPRoute",
        routeStatus([
          { type: "Accepted", status: "True" },
          { type: "ResolvedRefs", status: "False", reason: "BackendNotFound", message: "no Service" },
        ]),
      ),
    ),
    "False BackendNotFound",
    "Gateway edge: no Service",
  ],
  [
    "ExposureReady",
    "the Gateway has accepted an older route only",
    found(
      withChild(gatewayFacts, "HTTPRoute", (child) =>
        routeStatus([{ type: "Accepted", status: "True", observedGeneration: 1 }])({
          ...child,
          metadata: { ...child.metadata, generation: 2 },
        }),
      ),
    ),
    "Unknown NoGateway",
    "no Gateway has reported on the newest version of the route yet; Gateway edge has reported on an older one",
  ],
  [
    "ExposureReady",
    "another Gateway, left behind, refused an older route",
    found(
      withChild(gatewayFacts, "HTTPRoute", (child) =>
        routeStatus([
          { type: "Accepted", status: "False", observedGeneration: 1 },
          { type: "Accepted", status: "True", observedGeneration: 2 },
        ])({ ...child, metadata: { ...child.metadata, generation: 2 } }),
      ),
    ),
    "True Accepted",
  ],

  ["MonitoringReady", "nothing is wanted", found(healthyFacts()), "False Disabled"],
  [
    "MonitoringReady",
    "its kinds are missing",
    found(healthy(monitoredSpec)),
    "False CRDNotInstalled",
    "the API server has no ServiceMonitor and no PrometheusRule: install the CRDs of prometheus-operator, and the objects follow by themselves",
  ],
  [
    "MonitoringReady",
    "they are there",
    found(
      healthy(monitoredSpec, {
        installed: new Set(["servicemonitors.monitoring.coreos.com", "prometheusrules.monitoring.coreos.com"]),
      }),
    ),
    "True Applied",
  ],
  [
    "MonitoringReady",
    "a problem kept them from being made",
    found(emptyFacts({ cluster: clusterWith({ monitoring: { dashboard: { enabled: true } } }) }), { problem }),
    "False NotFound",
    "the ConfigMap chat-dashboard is not there yet",
  ],
  [
    "MonitoringReady",
    "only the dashboard is wanted",
    found(healthy({ monitoring: { dashboard: { enabled: true } } })),
    "True Applied",
  ],

  [
    "AutoscalingActive",
    "its conditions are null",
    found(withChild(healthy(hpaSpec), "HorizontalPodAutoscaler", withStatus({ conditions: null }))),
    "Unknown NotReported",
  ],
  ["AutoscalingActive", "none is wanted", found(healthyFacts()), "False Disabled"],
  ["AutoscalingActive", "KEDA is not installed", found(healthy(kedaSpec)), "False CRDNotInstalled"],
  ["AutoscalingActive", "it has not reported", found(healthy(hpaSpec)), "Unknown NotReported"],
  [
    "AutoscalingActive",
    "it works",
    found(
      withChild(
        healthy(hpaSpec),
        "HorizontalPodAutoscaler",
        withStatus({ conditions: [{ type: "ScalingActive", status: "True" }] }),
      ),
    ),
    "True Active",
  ],
  [
    "AutoscalingActive",
    "it gets no metrics",
    found(
      withChild(
        healthy(hpaSpec),
        "HorizontalPodAutoscaler",
        withStatus({
          conditions: [
            { type: "ScalingActive", status: "False", reason: "FailedGetPodsMetric", message: "no metrics" },
          ],
        }),
      ),
    ),
    "False FailedGetPodsMetric",
    "HorizontalPodAutoscaler: no metrics",
  ],
  [
    "AutoscalingActive",
    "KEDA has not looked at it",
    found(
      withChild(
        healthy(kedaSpec, { installed: new Set(["scaledobjects.keda.sh"]) }),
        "ScaledObject",
        withStatus({ conditions: [{ type: "Ready", status: "Unknown" }] }),
      ),
    ),
    "Unknown NotReported",
    "the ScaledObject has not reported yet",
  ],
  [
    "AutoscalingActive",
    "KEDA works",
    found(
      withChild(
        healthy(kedaSpec, { installed: new Set(["scaledobjects.keda.sh"]) }),
        "ScaledObject",
        withStatus({ conditions: [{ type: "Ready", status: "True" }] }),
      ),
    ),
    "True Active",
  ],

  ["Draining", "nobody drains", found(healthyFacts()), "False NotDraining"],
  [
    "Draining",
    "a pod goes",
    found(healthy({}, { pods: [podWith("a", { metadata: { deletionTimestamp: "x" } })] })),
    "True Draining",
    "1 gateway moves its connections elsewhere",
  ],
  ["Draining", "a pod was told to", found(answered(healthyFacts(), { isDraining: true })), "True Draining"],

  ["ReconciliationPaused", "it is not", found(healthyFacts()), "False NotPaused"],
  ["ReconciliationPaused", "it is", found(healthy({ paused: true })), "True Paused"],
];

test.each(rows.map(([type, when, findings, want, wantMessage]) => ({ type, when, findings, want, wantMessage })))(
  "$type when $when",
  ({ type, findings, want, wantMessage }) => {
    const { status, reason, message } = conditionFunctions[type](findings);
    expect(`${status} ${reason}`).toBe(want);
    if (wantMessage !== undefined) expect(message).toBe(wantMessage);
    expect(message).not.toMatch(/undefined|NaN|\[object/);
  },
);

test("every condition has a row for each of True and False", () => {
  const seen = new Set(rows.map(([type, , , want]) => `${type} ${want.split(" ")[0]}`));
  expect(
    Object.keys(conditionFunctions)
      .flatMap((type) => ["True", "False"].map((status) => `${type} ${status}`))
      .filter((one) => !seen.has(one)),
  ).toEqual([]);
});
