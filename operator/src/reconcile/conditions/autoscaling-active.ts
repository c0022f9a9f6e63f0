import { namesOf } from "../../manifests/shared/names.ts";
import { childNamed } from "../facts/ownership.ts";
import { no, unknown, yes, type ConditionFunction } from "../findings.ts";

/**
 * Whether the autoscaler that the operator creates for spec.autoscaling is working. The autoscaler reports this in its
 * own status.
 */
export const autoscalingActive: ConditionFunction = ({ facts, waiting }) => {
  const { autoscaling } = facts.cluster.spec;
  if (autoscaling === undefined)
    return no("Disabled", "spec.autoscaling is not set: spec.replicas decides the number of gateways");
  if (waiting.some(({ kind }) => kind === "ScaledObject"))
    return no(
      "CRDNotInstalled",
      "the API server does not know the kind ScaledObject: install KEDA, or set spec.autoscaling.type to HPA",
    );
  const kind = autoscaling.type === "KEDA" ? "ScaledObject" : "HorizontalPodAutoscaler";
  const autoscaler = childNamed(facts, kind, namesOf(facts.cluster).server);
  const { conditions } = (autoscaler?.["status"] ?? {}) as {
    conditions?: { type: string; status: string; reason?: string; message?: string }[] | null;
  };
  const said = conditions?.find(({ type }) => type === (autoscaling.type === "KEDA" ? "Ready" : "ScalingActive"));
  // KEDA reports Unknown until its first check is done.
  if (said === undefined || said.status === "Unknown")
    return unknown("NotReported", `the ${kind} has not reported its state yet`);
  return said.status === "True"
    ? yes("Active", `the ${kind} scales the gateways`)
    : no(said.reason ?? "Inactive", `${kind}: ${said.message ?? "it is not active"}`);
};
