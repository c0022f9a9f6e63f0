import { healthyFacts, podWith, withChild } from "../../../test/reconcile/build.ts";
import {
  allAnswered,
  testCondition,
  found,
  healthy,
  problem,
  error,
  crashing,
  oneNotReady,
  unschedulable,
  stalled,
  unready,
  routeStatus,
  withStatus,
  gatewayFacts,
  redisPod,
} from "../../../test/reconcile/condition-cases.ts";

testCondition("Ready", [
  ["all is well", found(healthyFacts()), "True Ready", "2 gateways accept connections"],
  [
    "an old gateway still moves its connections",
    found({
      ...healthyFacts(),
      pods: [...healthyFacts().pods, podWith("old", { metadata: { deletionTimestamp: "2099-01-01T00:00:00Z" } })],
    }),
    "True Ready",
    "2 gateways accept connections; 1 old gateway is still moving its connections",
  ],
  ["the spec has a problem", found(healthyFacts(), { problem }), "False SecretMissing", problem.message],
  ["a write failed", found(healthyFacts(), { error }), "False ApplyFailed", error.message],
  ["Redis is not", found(healthy({}, { pods: redisPod(false) })), "False RedisNotReady"],
  [
    "Redis answers, and its controller has not seen an edit",
    found(withChild(healthyFacts(), "StatefulSet", withStatus({ observedGeneration: 0, updatedReplicas: 1 }))),
    "False RedisRollingOut",
    "the StatefulSet's controller has not seen its newest spec yet",
  ],
  [
    "Redis answers, and is of the old template",
    found(withChild(healthyFacts(), "StatefulSet", withStatus({ observedGeneration: 1, updatedReplicas: 0 }))),
    "False RedisRollingOut",
    "0 of 1 Redis pods have the newest pod template",
  ],
  [
    "gateways are missing",
    found(healthyFacts({ deployment: { readyReplicas: 1 } })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready",
  ],
  [
    "a gateway crashes",
    found(healthy({}, { pods: [crashing("a"), ...redisPod(true)], ...oneNotReady })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a: container gateway keeps exiting, last with exit code 2 (Error), 4 restarts: kubectl -n apps logs a --previous shows why",
  ],
  [
    "a gateway waits for a node",
    found(healthy({}, { pods: [unschedulable("a", "server"), ...redisPod(true)], ...oneNotReady })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a cannot be scheduled: 0/3 nodes are available",
  ],
  [
    "a gateway waited for a node until the deadline",
    found(healthy({}, { pods: [unschedulable("a", "server"), ...redisPod(true)], ...stalled })),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a cannot be scheduled: 0/3 nodes are available",
  ],
  [
    "a gateway says why it is not ready",
    found({ ...unready({}), pods: [...unready({}).pods, ...redisPod(true)] }),
    "False GatewaysNotReady",
    "1 of 2 gateways are ready: pod a: Redis has not been reached yet: r:6379: ENOTFOUND",
  ],
  [
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
    "old gateways remain",
    found(healthyFacts({ deployment: { replicas: 3, updatedReplicas: 2 } })),
    "False GatewaysNotReady",
    "1 gateway with the old pod template is still running",
  ],
  [
    "the only pod of the newest template gets no node",
    found(
      healthy(
        {},
        { pods: [unschedulable("b", "server"), ...redisPod(true)], deployment: { replicas: 3, updatedReplicas: 1 } },
      ),
    ),
    "False GatewaysNotReady",
    "1 of 2 gateways have the newest pod template: pod b cannot be scheduled: 0/3 nodes are available",
  ],
  [
    "there are more gateways than wanted",
    found(healthyFacts({ deployment: { replicas: 3, updatedReplicas: 3 } })),
    "False GatewaysNotReady",
    "3 gateways exist, but 2 are wanted",
  ],
  [
    "the Deployment's controller has not seen an edit yet",
    found(healthyFacts({ deployment: { observedGeneration: 0 } })),
    "False GatewaysNotReady",
    "the Deployment's controller has not seen its newest spec yet",
  ],
  [
    "the newest template is rolling out",
    found(healthyFacts({ deployment: { updatedReplicas: 1 } })),
    "False GatewaysNotReady",
    "1 of 2 gateways have the newest pod template",
  ],
  [
    "only Redis was created yet",
    found(withChild(healthyFacts(), "Deployment", undefined)),
    "False GatewaysNotReady",
    "the Deployment of the gateways does not exist yet",
  ],
  [
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
    "no Gateway has reported on the route",
    found(gatewayFacts),
    "False ExposureNoGateway",
    "no Gateway has reported on the route yet: check spec.exposure.gateway.parentRefs and the Gateway's controller",
  ],
  [
    "no gateway has keys of an issuer",
    found(
      allAnswered(healthy({ auth: { jwt: { issuers: [{ issuer: "https://id.example.com" }] } } }), {
        issuers: [{ issuer: "https://id.example.com", keys: "none", reason: "the answer was 503" }],
      }),
    ),
    "False IssuersKeysMissing",
  ],
  ["it is paused and as the spec wants it", found(healthy({ paused: true }), { held: 0 }), "True Ready"],
  [
    "it is paused and was edited afterwards",
    found(healthy({ paused: true }), { held: 2 }),
    "Unknown Paused",
    "spec.paused is true, and 2 objects differ from the spec",
  ],
]);
