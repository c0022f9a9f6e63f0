import { namesOf } from "../../manifests/shared/names.ts";
import { childNamed } from "../facts/ownership.ts";
import { no, yes, type ConditionFunction } from "../findings.ts";

const kinds: readonly string[] = ["ServiceMonitor", "PrometheusRule"];

/**
 * Whether the monitoring objects of the spec exist. If their kind is not installed, the operator creates them when
 * discovery finds the kind.
 */
export const monitoringReady: ConditionFunction = ({ facts, waiting }) => {
  const { serviceMonitor, prometheusRule, dashboard } = facts.cluster.spec.monitoring;
  if (!serviceMonitor.enabled && !prometheusRule.enabled && !dashboard.enabled)
    return no("Disabled", "spec.monitoring enables no object");
  const missing = waiting.filter(({ kind }) => kinds.includes(kind)).map(({ kind }) => kind);
  if (missing.length > 0)
    return no(
      "CRDNotInstalled",
      `the API server has no ${missing.join(" and no ")}: install the CRDs of prometheus-operator, and the operator creates the objects`,
    );
  const { server, dashboard: dashboardName } = namesOf(facts.cluster);
  const wanted = [
    { isWanted: serviceMonitor.enabled, kind: "ServiceMonitor", name: server },
    { isWanted: prometheusRule.enabled, kind: "PrometheusRule", name: server },
    { isWanted: dashboard.enabled, kind: "ConfigMap", name: dashboardName },
  ];
  const absent = wanted.find(({ isWanted, kind, name }) => isWanted && childNamed(facts, kind, name) === undefined);
  if (absent !== undefined) return no("NotFound", `the ${absent.kind} ${absent.name} does not exist yet`);
  return yes("Applied", "the monitoring objects exist");
};
