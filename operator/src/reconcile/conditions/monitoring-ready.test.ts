import { clusterWith, emptyFacts, healthyFacts } from "../../../test/reconcile/build.ts";
import { testCondition, found, healthy, problem, monitoredSpec } from "../../../test/reconcile/condition-cases.ts";

testCondition("MonitoringReady", [
  ["nothing is wanted", found(healthyFacts()), "False Disabled"],
  [
    "its kinds are missing",
    found(healthy(monitoredSpec)),
    "False CRDNotInstalled",
    "the API server has no ServiceMonitor and no PrometheusRule: install the CRDs of prometheus-operator, and the operator creates the objects",
  ],
  [
    "its objects exist",
    found(
      healthy(monitoredSpec, {
        installed: new Set(["servicemonitors.monitoring.coreos.com", "prometheusrules.monitoring.coreos.com"]),
      }),
    ),
    "True Applied",
  ],
  [
    "a problem kept its objects from being created",
    found(emptyFacts({ cluster: clusterWith({ monitoring: { dashboard: { enabled: true } } }) }), { problem }),
    "False NotFound",
    "the ConfigMap chat-dashboard does not exist yet",
  ],
  ["only the dashboard is wanted", found(healthy({ monitoring: { dashboard: { enabled: true } } })), "True Applied"],
]);
