{{- /*
What the operator does in the namespaces it manages. Writes are server-side applies: patch, and create where the object is new.
Children are watched, so that drift is noticed without asking. A test compares these rules with the requests the operator makes.
*/ -}}
{{- define "realtime-operator.rules" -}}
# get serves only the command line inside of the pod (realtime status).
- apiGroups: [realtime.dev]
  resources: [realtimeclusters]
  verbs: [get, list, watch]
- apiGroups: [realtime.dev]
  resources: [realtimeclusters/status]
  verbs: [patch]
# Never deleted: a Secret goes with its cluster, by garbage collection. get reads the Secrets a cluster names; list and watch
# are used with the operator's label only, which RBAC has no word for.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [configmaps, services, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
# Connection counts and restart reasons are read from pods; patch sets controller.kubernetes.io/pod-deletion-cost.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch]
# Redis volumes grow where the StorageClass lets them. They are never deleted.
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
# Whether the class that a cluster names exists. Cluster-scoped, so an operator of single namespaces does without.
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
