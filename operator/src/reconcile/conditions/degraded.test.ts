import type { Facts } from "../facts/facts.ts";
import { healthyFacts, nowMs, podWith, withChild } from "../../../test/reconcile/build.ts";
import {
  testCondition,
  found,
  healthy,
  problem,
  error,
  crashing,
  unschedulable,
  stalled,
} from "../../../test/reconcile/condition-cases.ts";

/** The gateways' Service was deleted some seconds ago and still has these finalizers. */
function deletedChild(finalizers: string[], secondsAgo: number): Facts {
  const deletionTimestamp = new Date(nowMs - secondsAgo * 1000).toISOString();
  return withChild(
    healthyFacts(),
    "Service",
    (child) => ({ ...child, metadata: { ...child.metadata, finalizers, deletionTimestamp } }),
    "chat-server",
  );
}

testCondition("Degraded", [
  ["all is well", found(healthyFacts()), "False AsExpected"],
  ["the spec has a problem, which only the user can fix", found(healthyFacts(), { problem }), "False AsExpected"],
  [
    "a foreign object has a wanted name",
    found(healthyFacts(), { problem: { reason: "NameTaken", message: "Service x" } }),
    "True NameTaken",
  ],
  ["a write failed", found(healthyFacts(), { error }), "True ApplyFailed", `${error.message}; the operator retries`],
  [
    "another controller keeps changing an object back",
    found(healthyFacts(), { overwritten: ["Service chat-server"] }),
    "True OverwrittenByOthers",
  ],
  [
    "a finalizer of another program keeps a deleted child",
    found(deletedChild(["example.com/hold"], 61)),
    "True DeletionBlocked",
    "Service chat-server was deleted, but its finalizer example.com/hold keeps it, and the operator cannot change it: if the program of this finalizer no longer runs, remove the finalizer (kubectl edit), and the operator creates the object again if the spec wants it",
  ],
  [
    "a finalizer has kept a deleted child for a moment",
    found(deletedChild(["example.com/hold"], 59)),
    "False AsExpected",
  ],
  [
    "Kubernetes still deletes what belongs to a child",
    found(deletedChild(["foregroundDeletion"], 61)),
    "False AsExpected",
  ],
  [
    "a pod crashes",
    found(healthy({}, { pods: [crashing("chat-server-1")] })),
    "True PodsFailing",
    "pod chat-server-1: container gateway keeps exiting, last with exit code 2 (Error), 4 restarts: kubectl -n apps logs chat-server-1 --previous shows why",
  ],
  [
    "two pods crash",
    found(healthy({}, { pods: [crashing("a"), crashing("b")] })),
    "True PodsFailing",
    "pod a: container gateway keeps exiting, last with exit code 2 (Error), 4 restarts: kubectl -n apps logs a --previous shows why, and 1 more",
  ],
  [
    "a pod that crashed is terminating",
    found(
      healthy({}, { pods: [{ ...crashing("a"), metadata: { ...crashing("a").metadata, deletionTimestamp: "x" } }] }),
    ),
    "False AsExpected",
  ],
  [
    "Redis gets no volume",
    found(healthy({}, { pods: [podWith("chat-server-1"), unschedulable("chat-redis-0", "redis")] })),
    "True PodsFailing",
    "pod chat-redis-0 cannot be scheduled: 0/3 nodes are available",
  ],
  [
    "Redis has had no volume for a moment",
    found(healthy({}, { pods: [podWith("chat-server-1"), unschedulable("chat-redis-0", "redis", 59)] })),
    "False AsExpected",
  ],
  [
    "a gateway waits for a node",
    found(healthy({}, { pods: [unschedulable("chat-server-1", "server")] })),
    "False AsExpected",
  ],
  [
    "a gateway waited for a node until the deadline",
    found(healthy({}, { pods: [unschedulable("a", "server")], ...stalled })),
    "True RolloutStalled",
    "ProgressDeadlineExceeded: timed out; pod a cannot be scheduled: 0/3 nodes are available",
  ],
  [
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
]);
