import { no, yes, type Judge } from "./verdict.ts";

const kinds: readonly string[] = ["ServiceMonitor", "PrometheusRule"];

/** Whether what is wanted for monitoring is there. Its kinds may come later: the operator asks for them again. */
export const monitoringReady: Judge = ({ facts, waiting }) => {
  const { serviceMonitor, prometheusRule, dashboard } = facts.cluster.spec.monitoring;
  if (!serviceMonitor.enabled && !prometheusRule.enabled && !dashboard.enabled) return no("NotWanted", "spec.monitoring enables nothing");
  const missing = waiting.filter(({ kind }) => kinds.includes(kind)).map(({ kind }) => kind);
  if (missing.length > 0) return no("KindMissing", `the API server has no ${missing.join(" and no ")}: install the CRDs of prometheus-operator, and the objects follow by themselves`);
  return yes("Applied", "the monitoring objects are there");
};
