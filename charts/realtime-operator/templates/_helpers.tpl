{{- define "realtime-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- /* The name of all objects. An alias of a dependency may have capital letters and _, which names of objects cannot have. */ -}}
{{- define "realtime-operator.fullname" -}}
{{- $name := include "realtime-operator.name" . | lower | replace "_" "-" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "realtime-operator.selector" -}}
app.kubernetes.io/name: {{ include "realtime-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: operator
{{- end }}

{{- /* Merges the labels: a key that both commonLabels and the chart set would otherwise appear twice. */ -}}
{{- define "realtime-operator.labels" -}}
{{- $own := dict "app.kubernetes.io/version" .Chart.AppVersion "app.kubernetes.io/managed-by" .Release.Service "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") -}}
{{- toYaml (merge (include "realtime-operator.selector" . | fromYaml) $own (.Values.commonLabels | default dict)) -}}
{{- end }}

{{- define "realtime-operator.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "realtime-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: name the ServiceAccount to use, or set serviceAccount.create to true" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- /* A whole image reference: the repository with the digest, or else the tag, or else the chart's appVersion. */ -}}
{{- define "realtime-operator.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $reference := printf "%s:%s" $image.repository (default $root.Chart.AppVersion $image.tag) -}}
{{- if $image.digest -}}
{{- $reference = printf "%s@%s" $image.repository $image.digest -}}
{{- end -}}
{{- include "realtime-operator.mirrored" (list $root $reference) -}}
{{- end }}

{{- /* An image reference whose registry is replaced by global.imageRegistry. The first part is a registry if it has a dot or a port. */ -}}
{{- define "realtime-operator.mirrored" -}}
{{- $registry := ((index . 0).Values.global | default dict).imageRegistry | default "" | trimSuffix "/" -}}
{{- $reference := index . 1 -}}
{{- if $registry -}}
{{- $path := regexReplaceAll "^(localhost|[^/]*[.:][^/]*)/" $reference "" -}}
{{- printf "%s/%s" $registry $path -}}
{{- else -}}
{{- $reference -}}
{{- end -}}
{{- end }}

{{- /* Pull secrets of the chart and of global.imagePullSecrets, whose items may be names or {name}. */ -}}
{{- define "realtime-operator.imagePullSecrets" -}}
{{- $names := list -}}
{{- range concat (.Values.imagePullSecrets | default list) ((.Values.global | default dict).imagePullSecrets | default list) -}}
{{- if kindIs "string" . -}}
{{- $names = append $names . -}}
{{- else -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end -}}
{{- $secrets := list -}}
{{- range uniq $names -}}
{{- $secrets = append $secrets (dict "name" .) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end }}
