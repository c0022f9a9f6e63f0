{{- /*
The operator's permissions in the namespaces that it manages. It writes by server-side apply, which needs patch, and create for
a new object. It watches children, to notice drift. A test compares these rules with the requests that the operator makes.
*/ -}}
{{- define "realtime-operator.rules" -}}
# The operator itself needs no get. The command line in its pod does (realtime status).
- apiGroups: [realtime.dev]
  resources: [realtimeclusters]
  verbs: [get, list, watch]
- apiGroups: [realtime.dev]
  resources: [realtimeclusters/status]
  verbs: [patch]
# The operator deletes no Secret: garbage collection does, with the cluster. It gets Secrets that a cluster names. It lists and
# watches only by its own label or by name, but RBAC cannot express that.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [configmaps, services, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
# The operator reads addresses and restart reasons of pods. It patches controller.kubernetes.io/pod-deletion-cost.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch]
# The operator enlarges Redis volumes if the StorageClass allows it. It never deletes one.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [list, watch, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses, networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
{{- if not .Values.watchNamespaces }}
# Shows whether the class that a cluster names exists. The kind is cluster-scoped, so an operator of some namespaces cannot read it.
- apiGroups: [networking.k8s.io]
  resources: [ingressclasses]
  verbs: [list, watch]
{{- end }}
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [keda.sh]
  resources: [scaledobjects]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [monitoring.coreos.com]
  resources: [servicemonitors, prometheusrules]
  verbs: [get, list, watch, create, patch, delete]
{{- end }}
