import { healthyFacts } from "../../../test/reconcile/build.ts";
import { testCondition, found, healthy } from "../../../test/reconcile/condition-cases.ts";

testCondition("ReconciliationPaused", [
  ["it is not", found(healthyFacts()), "False NotPaused"],
  ["it is", found(healthy({ paused: true })), "True Paused"],
]);
