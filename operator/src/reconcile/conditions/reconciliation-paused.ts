import { no, yes, type ConditionFunction } from "../verdict.ts";

export const reconciliationPaused: ConditionFunction = ({ facts }) =>
  facts.cluster.spec.paused
    ? yes("Paused", "spec.paused is true: the operator looks and reports, and changes nothing")
    : no("NotPaused", "the operator acts on the spec");
