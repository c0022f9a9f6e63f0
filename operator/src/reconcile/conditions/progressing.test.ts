import { emptyFacts, healthyFacts, podWith } from "../../../test/reconcile/build.ts";
import { testCondition, found, problem } from "../../../test/reconcile/condition-cases.ts";

/** All gateways are ready, and another is being removed until this time. */
function leaving(deletionTimestamp: string) {
  const facts = healthyFacts();
  return { ...facts, pods: [...facts.pods, podWith("old", { metadata: { deletionTimestamp } })] };
}

testCondition("Progressing", [
  ["nothing is there", found(emptyFacts()), "True Creating"],
  ["all is well", found(healthyFacts()), "False Stable"],
  [
    "pods are of the old template",
    found(healthyFacts({ deployment: { updatedReplicas: 1 } })),
    "True RollingOut",
    "1 of 2 gateways have the newest pod template",
  ],
  [
    "a pod of the old template waits until the new one is ready",
    found(healthyFacts({ deployment: { replicas: 3, updatedReplicas: 2 } })),
    "True RollingOut",
    "2 of 2 gateways have the newest pod template",
  ],
  [
    "pods start",
    found(healthyFacts({ deployment: { readyReplicas: 1 } })),
    "True Scaling",
    "1 of 2 gateways are ready",
  ],
  [
    "the rollout's deadline has passed",
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
  [
    "an old pod still moves its connections",
    found(leaving("2099-01-01T00:00:00Z")),
    "True Draining",
    "2 gateways are up to date and ready; 1 old gateway is still moving its connections",
  ],
  ["the grace period of an old pod is over", found(leaving("2020-01-01T00:00:00Z")), "False Stable"],
  ["the spec has a problem", found(healthyFacts(), { problem }), "False Stopped"],
]);
