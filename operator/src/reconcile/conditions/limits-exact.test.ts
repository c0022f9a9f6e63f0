import { emptyFacts, healthyFacts } from "../../../test/reconcile/build.ts";
import {
  allAnswered,
  externalSpec,
  firstAnswered,
  found,
  healthy,
  testCondition,
} from "../../../test/reconcile/condition-cases.ts";

const inexact = (reason: string, message?: string, limits: string[] = ["maxConnections", "maxRoomsPerUser"]) => ({
  inexact: { reason, limits, ...(message === undefined ? {} : { message }) },
});

testCondition("LimitsExact", [
  ["all gateways count together", found(healthyFacts()), "True Exact", "limits are exact for the whole cluster"],
  ["there is no Redis", found(healthy({ replicas: 1, redis: { type: "None" } })), "True Disabled"],
  ["nobody has answered", found(emptyFacts()), "Unknown NotReported"],
  ["a gateway is connecting", found(firstAnswered(healthyFacts(), inexact("connecting"))), "Unknown Connecting"],
  [
    "Redis refuses writes",
    found(allAnswered(healthyFacts(), inexact("out-of-memory", "Redis refuses writes: OOM"))),
    "False RedisOutOfMemory",
    "2 of 2 gateways can grant only a share of maxConnections, maxRoomsPerUser: Redis refuses writes: OOM; clients can be refused before the limit is reached; raise spec.redis.managed.resources.limits.memory",
  ],
  [
    "one gateway does not reach Redis",
    found(firstAnswered(healthy(externalSpec), inexact("timeout", undefined, []))),
    "False RedisUnreachable",
    "1 of 2 gateways can grant only a share of the limits: timeout; clients can be refused before the limit is reached; check the URL, DNS, TLS and the network to your Redis",
  ],
  ["Redis is away", found(firstAnswered(healthyFacts(), inexact("unreachable"))), "False RedisUnreachable"],
  ["its disk is full", found(firstAnswered(healthyFacts(), inexact("disk-error"))), "False RedisDiskError"],
  ["its user may not write", found(firstAnswered(healthyFacts(), inexact("no-permission"))), "False RedisNoPermission"],
  [
    "the replicas of Redis are away",
    found(firstAnswered(healthyFacts(), inexact("too-few-replicas"))),
    "False RedisTooFewReplicas",
  ],
  ["it is a replica", found(firstAnswered(healthyFacts(), inexact("read-only"))), "False RedisNotPrimary"],
  ["it answers with errors", found(firstAnswered(healthyFacts(), inexact("error"))), "False RedisError"],
]);
