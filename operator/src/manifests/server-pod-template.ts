import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { serverResources } from "./shared/container-resources.ts";
import { environment } from "./shared/env.ts";
import type { Inputs } from "./shared/inputs.ts";
import { labelsOf, selectorOf } from "./shared/labels.ts";
import { namesOf, ports } from "./shared/names.ts";
import { containerSecurityContext, podSecurityContext } from "./shared/pod-security.ts";
import { patchedPodTemplate } from "./shared/pod-patch.ts";
import { redisTls } from "./shared/redis-tls.ts";

/**
 * The grace period of a gateway pod is the drain time plus this many seconds. The process needs them to start its drain
 * and to exit after it.
 */
export const GRACE_MARGIN_SECONDS = 30;

/**
 * The gateway's pod template. The operator must not restart pods by itself. So only rolling fields and
 * inputs.releases.gateway.template may change the template, and golden tests check this. Any other change needs a new
 * template version (pod-release.ts). Without one, an upgrade of the operator would restart all gateways.
 */
export function serverPodTemplate(cluster: RealtimeCluster, inputs: Inputs): Record<string, unknown> {
  const { spec } = cluster;
  const names = namesOf(cluster);
  const certificates = redisTls(cluster);
  const template = {
    metadata: {
      labels: { ...spec.labels, ...labelsOf(cluster, "server") },
      annotations: {
        ...spec.annotations,
        "kubectl.kubernetes.io/default-container": "gateway",
        ...(inputs.secretsHash === undefined ? {} : { "realtime.dev/secrets": inputs.secretsHash }),
      },
    },
    spec: {
      serviceAccountName: names.server,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: spec.drain.timeoutSeconds + GRACE_MARGIN_SECONDS,
      securityContext: podSecurityContext,
      ...(spec.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets }),
      // Spreading over nodes and zones is preferred, not required: it is better to have all gateways on one node than
      // to have pending gateways.
      topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
        topologyKey,
        maxSkew: 1,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selectorOf(cluster, "server") },
        // Count only pods of the same template. If old pods counted too, a rollout would spread the new pods unevenly.
        matchLabelKeys: ["pod-template-hash"],
      })),
      containers: [
        {
          name: "gateway",
          image: spec.image || inputs.releases.gateway.image,
          imagePullPolicy: spec.imagePullPolicy,
          ports: [
            { name: "http", containerPort: ports.public, protocol: "TCP" },
            { name: "private", containerPort: ports.private, protocol: "TCP" },
          ],
          env: environment(cluster, inputs.releases.gateway.template),
          livenessProbe: {
            httpGet: { path: "/livez", port: "private" },
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 6,
          },
          readinessProbe: {
            httpGet: { path: "/readyz", port: "private" },
            periodSeconds: 3,
            timeoutSeconds: 3,
            failureThreshold: 2,
          },
          startupProbe: {
            httpGet: { path: "/livez", port: "private" },
            periodSeconds: 1,
            timeoutSeconds: 3,
            failureThreshold: 60,
          },
          resources: serverResources(spec, inputs.releases.gateway.template),
          securityContext: containerSecurityContext,
          volumeMounts: [
            { name: "config", mountPath: "/etc/realtime", readOnly: true },
            { name: "tmp", mountPath: "/tmp" },
            ...certificates.volumeMounts,
          ],
        },
      ],
      volumes: [
        { name: "config", configMap: { name: names.server } },
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ...certificates.volumes,
      ],
    },
  };
  return patchedPodTemplate(template, spec.podPatch, labelsOf(cluster, "server"));
}
