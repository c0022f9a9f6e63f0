import { healthyFacts, podWith } from "../../../../test/reconcile/build.ts";
import { testCondition, found, healthy, firstAnswered } from "../../../../test/reconcile/condition-cases.ts";

testCondition("Draining", [
  ["nobody drains", found(healthyFacts()), "False NotDraining"],
  [
    "a pod terminates",
    found(healthy({}, { pods: [podWith("a", { metadata: { deletionTimestamp: "x" } })] })),
    "True Draining",
    "1 gateway is moving its connections to other gateways",
  ],
  ["a pod was told to", found(firstAnswered(healthyFacts(), { isDraining: true })), "True Draining"],
]);
