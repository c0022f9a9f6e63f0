import { emptyFacts, healthyFacts } from "../../../test/reconcile/build.ts";
import { testCondition, found, problem } from "../../../test/reconcile/condition-cases.ts";

testCondition("ConfigurationAccepted", [
  ["all is well", found(healthyFacts()), "True Accepted"],
  ["the spec has a problem", found(healthyFacts(), { problem }), "False SecretMissing"],
  [
    "a foreign object has a wanted name, which is no fault of the spec",
    found(healthyFacts(), { problem: { reason: "NameTaken", message: "" } }),
    "True Accepted",
  ],
  [
    "a Secret is not read yet",
    found(emptyFacts({ secrets: new Map([["apps/chat-jwt", { state: "unknown" }]]) })),
    "Unknown ReadingSecrets",
  ],
]);
