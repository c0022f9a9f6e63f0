import { emptyFacts, healthyFacts, nowMs, podWith } from "../../../test/reconcile/build.ts";
import {
  testCondition,
  found,
  healthy,
  allAnswered,
  crashing,
  unschedulable,
  unready,
  firstAnswered,
  externalSpec,
  redisPod,
} from "../../../test/reconcile/condition-cases.ts";

const down = { bus: { phase: "down", reason: "r:6379: ECONNREFUSED" } };
const connecting = { inexact: { reason: "connecting", limits: ["maxConnections"] } };
const refused = (reason: string, message?: string) => ({
  inexact: { reason, limits: ["maxConnections"], ...(message === undefined ? {} : { message }) },
});

const pendingClaim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data-chat-redis-0", namespace: "apps" },
  spec: { storageClassName: "standard" },
  status: { phase: "Pending" },
};

testCondition("RedisReady", [
  ["it is", found(healthyFacts()), "True Ready", "the Redis pod is ready"],
  [
    "its pod is not ready",
    found(healthy({}, { pods: redisPod(false) })),
    "False NotReady",
    "0 of 1 Redis pods are ready: if it lasts, kubectl -n apps describe pod chat-redis-0 shows the answer of its probe; messages do not reach clients of other gateways",
  ],
  [
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
    "it has no node",
    found(healthy({}, { pods: [unschedulable("chat-redis-0", "redis")] })),
    "False NotReady",
    "0 of 1 Redis pods are ready: pod chat-redis-0 cannot be scheduled: 0/3 nodes are available",
  ],
  [
    "an earlier cluster has left a claim of another StorageClass",
    found(
      healthy(
        { redis: { type: "Managed", managed: { storageClassName: "lab" } } },
        { pods: [unschedulable("chat-redis-0", "redis")], claims: [pendingClaim] },
      ),
    ),
    "False NotReady",
    "0 of 1 Redis pods are ready: pod chat-redis-0 cannot be scheduled: 0/3 nodes are available; claim data-chat-redis-0 has no volume of StorageClass standard, and the spec names StorageClass lab: kubectl -n apps delete pvc data-chat-redis-0 lets the operator create it again, without its data",
  ],
  [
    "its pod cannot be made",
    found(healthy({}, { pods: [] })),
    "False NotReady",
    "0 of 1 Redis pods are ready: kubectl -n apps describe statefulset chat-redis shows why a pod is missing, for example a quota or an admission policy",
  ],
  [
    "one of two is ready",
    found(healthy({ redis: { type: "Managed", managed: { replicas: 2 } } })),
    "False NotReady",
    "1 of 2 Redis pods are ready: kubectl -n apps describe statefulset chat-redis shows why a pod is missing, for example a quota or an admission policy; messages do not reach clients of other gateways",
  ],
  ["there is none yet", found(emptyFacts()), "False NotFound"],
  ["none is needed", found(healthy({ replicas: 1, redis: { type: "None" } })), "True Disabled"],
  ["it is the user's and was reached", found(healthy(externalSpec)), "True Reached"],
  [
    "it is the user's and no gateway reaches it any more",
    found(allAnswered(healthy(externalSpec), down)),
    "False Unreachable",
    "no gateway can reach Redis: pod chat-server-1: r:6379: ECONNREFUSED; messages do not reach clients of other gateways",
  ],
  [
    "its pods are ready and no gateway reaches it any more",
    found(allAnswered(healthyFacts(), { bus: { phase: "down" } })),
    "False Unreachable",
    "no gateway can reach Redis: pod chat-server-1: its log shows why; messages do not reach clients of other gateways",
  ],
  [
    "its pods are ready and no gateway has ever reached it",
    found({
      ...healthy({}, { pods: [...redisPod(true).slice(1), podWith("a", { isReady: false })] }),
      answers: new Map([
        ["uid-a", { askedAtMs: nowMs, connections: 0, bus: { phase: "never" as const, reason: "r:6379: WRONGPASS" } }],
      ]),
    }),
    "Unknown NotReachedYet",
    "no gateway has reached Redis yet: pod a: r:6379: WRONGPASS",
  ],
  [
    "one of two gateways has lost it",
    found(firstAnswered(healthyFacts(), down)),
    "False PartlyUnreachable",
    "1 of 2 gateways cannot reach Redis: pod chat-server-1: r:6379: ECONNREFUSED",
  ],
  [
    "it is the user's and one of two gateways has lost it",
    found(firstAnswered(healthy(externalSpec), down)),
    "False PartlyUnreachable",
  ],
  [
    "one of two Redis stores the counts and is away, while messages pass the other",
    found(allAnswered(healthy(externalSpec), { inexact: { reason: "unreachable", message: "r1: away", limits: [] } })),
    "False PartlyUnreachable",
    "2 of 2 gateways cannot reach Redis: pod chat-server-1: r1: away",
  ],
  [
    "a gateway that starts has not reached it yet",
    found({
      ...healthy({}, { pods: [...redisPod(true), podWith("a", { isReady: false })] }),
      answers: new Map([
        ["uid-chat-server-1", { askedAtMs: nowMs, connections: 1 }],
        ["uid-a", { askedAtMs: nowMs, connections: 0, bus: { phase: "never" as const } }],
      ]),
    }),
    "True Ready",
  ],
  [
    "a gateway answered before it was ready",
    found(allAnswered(healthyFacts(), { bus: { phase: "never" } })),
    "True Ready",
  ],
  ["a gateway is connecting", found(allAnswered(healthyFacts(), connecting)), "True Ready"],
  [
    "it refuses writes for want of memory",
    found(allAnswered(healthyFacts(), refused("out-of-memory", "Redis refuses writes: OOM"))),
    "False RefusesWrites",
    "Redis refuses writes: OOM, as 2 of 2 gateways report; gateways enforce only their shares of the limits; raise spec.redis.managed.resources.limits.memory",
  ],
  [
    "it is the user's and may not be written to",
    found(firstAnswered(healthy(externalSpec), refused("no-permission"))),
    "False RefusesWrites",
    "no-permission, as 1 of 2 gateways report; gateways enforce only their shares of the limits; give the user of the URL the commands and keys that docs/server.md lists",
  ],
  [
    "it is the user's and lacks replicas",
    found(allAnswered(healthy(externalSpec), refused("too-few-replicas"))),
    "False RefusesWrites",
  ],
  ["its disk is full", found(allAnswered(healthyFacts(), refused("disk-error"))), "False RefusesWrites"],
  ["a newer gateway reports another error", found(allAnswered(healthyFacts(), refused("new"))), "False RefusesWrites"],
  [
    "it is the user's and a replica",
    found(allAnswered(healthy(externalSpec), refused("read-only", "Redis is read-only"))),
    "False NotPrimary",
    "Redis is read-only, as 2 of 2 gateways report; gateways enforce only their shares of the limits; change the URL to the address of the primary, or use a redis+sentinel:// URL",
  ],
  [
    "it is the user's and no gateway is ready",
    found(healthy(externalSpec, { pods: [podWith("a", { isReady: false })] })),
    "Unknown NotReachedYet",
    "no gateway has reached your Redis yet: kubectl -n apps logs a shows why",
  ],
  [
    "it is the user's and a gateway that is not ready says why",
    found(unready(externalSpec)),
    "Unknown NotReachedYet",
    "no gateway has reached your Redis yet: pod a: Redis has not been reached yet: r:6379: ENOTFOUND",
  ],
  [
    "it is the user's and its URL is invalid",
    found(healthy(externalSpec, { pods: [crashing("a")] })),
    "Unknown NotReachedYet",
    "no gateway has reached your Redis yet: pod a: container gateway keeps exiting, last with exit code 2 (Error), 4 restarts: kubectl -n apps logs a --previous shows why",
  ],
]);
