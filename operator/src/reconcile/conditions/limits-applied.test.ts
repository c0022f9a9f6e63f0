import { healthyFacts, podWith } from "../../../test/reconcile/build.ts";
import { testCondition, found, healthy, problem, firstAnswered } from "../../../test/reconcile/condition-cases.ts";

testCondition("LimitsApplied", [
  [
    "all gateways have answered",
    found(healthyFacts()),
    "True InForce",
    "all 2 gateways have applied the live fields of generation 1",
  ],
  [
    "the only gateway has answered",
    found(healthy({}, { pods: [podWith("chat-server-1")] })),
    "True InForce",
    "the only gateway has applied the live fields of generation 1",
  ],
  [
    "one gateway has an older live configuration",
    found(firstAnswered(healthyFacts(), { hash: "old", generation: 0 })),
    "False Applying",
    "1 of 2 gateways have applied the live fields of generation 1; chat-server-1 has not",
  ],
  [
    "one gateway does not answer",
    found(firstAnswered(healthyFacts(), { hash: undefined, generation: undefined, problem: "no answer within 2 s" })),
    "False Applying",
    "1 of 2 gateways have applied the live fields of generation 1; chat-server-1 has not (no answer within 2 s)",
  ],
  [
    "one gateway has another admin token than the Secret",
    found(
      firstAnswered(healthyFacts(), { hash: "old", generation: 0, problem: "/config answered 401: the bearer token" }),
    ),
    "False Applying",
    "1 of 2 gateways have applied the live fields of generation 1; chat-server-1 has not " +
      "(/config answered 401: the bearer token). The Secret chat-auth was replaced after these pods had started. " +
      "They read the live fields from their ConfigMap within about a minute; " +
      "kubectl -n apps rollout restart deployment/chat-server gives them the new token",
  ],
  [
    "a gateway that refused them has read them from its ConfigMap",
    found(firstAnswered(healthyFacts(), { problem: "/config answered 401: the bearer token" })),
    "True InForce",
  ],
  [
    "a gateway that has it in force stopped answering",
    found(firstAnswered(healthyFacts(), { problem: "no answer within 2 s" })),
    "True InForce",
  ],
  ["no gateway is ready", found(healthy({}, { pods: [podWith("a", { isReady: false })] })), "Unknown NoGateway"],
  ["the spec has a problem", found(firstAnswered(healthyFacts(), { hash: "old" }), { problem }), "Unknown Stopped"],
  ["the spec has a problem, and all have the live fields of it", found(healthyFacts(), { problem }), "True InForce"],
  [
    "a gateway started while the cluster is paused",
    found(firstAnswered(healthy({ paused: true }), { hash: undefined, generation: undefined })),
    "Unknown Paused",
  ],
  ["it is paused and all have them", found(healthy({ paused: true })), "True InForce"],
]);
