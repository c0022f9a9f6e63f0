import { no, yes, type ConditionFunction } from "../findings.ts";

export const reconciliationPaused: ConditionFunction = ({ facts }) =>
  facts.cluster.spec.paused
    ? yes("Paused", "spec.paused is true: the operator updates the status but changes no object")
    : no("NotPaused", "the operator applies the spec");
