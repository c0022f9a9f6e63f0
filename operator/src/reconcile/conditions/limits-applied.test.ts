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
