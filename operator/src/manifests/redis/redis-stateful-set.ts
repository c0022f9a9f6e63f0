import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { authKeys } from "../auth-secret.ts";
import { child, type Manifest } from "../shared/child.ts";
import { redisResources } from "../shared/container-resources.ts";
import type { Inputs } from "../shared/inputs.ts";
import { labelsOf, selectorOf } from "../shared/labels.ts";
import { namesOf, ports } from "../shared/names.ts";
import { releaseAnnotations } from "../shared/pod-release.ts";
import { containerSecurityContext, podSecurityContext } from "../shared/pod-security.ts";
import { defaultStorage, redisConfig } from "./redis-config-map.ts";
import { patchedPodTemplate } from "../shared/pod-patch.ts";
import { stableHash } from "../shared/stable-hash.ts";
import { claimMetadata } from "./redis-volume-claims.ts";

/**
 * Redis: one instance, or two independent ones. The claim template is immutable, so it keeps the size and the metadata
 * from its creation. redis-volume-claims.ts changes the claims that were made from it.
 */
export function redisStatefulSet(cluster: RealtimeCluster, inputs: Inputs): Manifest | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  const names = namesOf(cluster);
  const managed = cluster.spec.redis.managed;
  const annotations = releaseAnnotations(inputs.releases.redis, managed?.image);
  return child(
    cluster,
    resources.statefulSets,
    { name: names.redis, component: "redis", annotations },
    {
      spec: {
        replicas: managed?.replicas ?? 1,
        serviceName: names.redisNodes,
        podManagementPolicy: "Parallel",
        // Another first number would replace chat-redis-0 by a pod with another name and an empty volume.
        ordinals: { start: 0 },
        revisionHistoryLimit: 3,
        // With another strategy or a partition, the StatefulSet would not replace all pods.
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
        selector: { matchLabels: selectorOf(cluster, "redis") },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: managed?.dataPolicy ?? "Delete", whenScaled: "Retain" },
        template: redisPodTemplate(cluster, inputs),
        volumeClaimTemplates: [volumeClaimTemplate(cluster, inputs)],
      },
    },
  );
}

function volumeClaimTemplate(cluster: RealtimeCluster, inputs: Inputs): Record<string, unknown> {
  const { storageClassName, storage = defaultStorage } = cluster.spec.redis.managed ?? {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", ...(inputs.claimMetadata ?? claimMetadata(cluster)) },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: { requests: { storage: inputs.claimStorage ?? String(storage) } },
    },
  };
}

/**
 * The operator must not restart pods by itself. So only rolling fields and inputs.releases.redis.template may change
 * the pod template. Any other change needs a new template version (pod-release.ts).
 */
function redisPodTemplate(cluster: RealtimeCluster, inputs: Inputs): Record<string, unknown> {
  const names = namesOf(cluster);
  const managed = cluster.spec.redis.managed;
  const template = {
    metadata: {
      labels: { ...cluster.spec.labels, ...labelsOf(cluster, "redis") },
      annotations: {
        ...cluster.spec.annotations,
        // Redis reads its configuration only when it starts. A changed hash changes the pod template, so the
        // StatefulSet replaces the pods.
        "realtime.dev/redis-config": stableHash(redisConfig(cluster, inputs.releases.redis.template)),
      },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 60,
      securityContext: podSecurityContext,
      ...(cluster.spec.imagePullSecrets === undefined ? {} : { imagePullSecrets: cluster.spec.imagePullSecrets }),
      // Place the two instances on different nodes. On one node, they would fail together.
      topologySpreadConstraints: [
        {
          topologyKey: "kubernetes.io/hostname",
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: selectorOf(cluster, "redis") },
        },
      ],
      containers: [
        {
          name: "redis",
          image: managed?.image || inputs.releases.redis.image,
          imagePullPolicy: cluster.spec.imagePullPolicy,
          command: ["redis-server", "/etc/redis/redis.conf"],
          ports: [{ name: "redis", containerPort: ports.redis, protocol: "TCP" }],
          env: [
            {
              name: "REDISCLI_AUTH",
              valueFrom: { secretKeyRef: { name: names.auth, key: authKeys.redisPassword } },
            },
          ],
          // Without -e, redis-cli exits with 0 for every answer, even for the error LOADING. The liveness probe depends
          // on this: a Redis that loads a long append-only file is alive, but not ready.
          livenessProbe: {
            exec: { command: ["redis-cli", "ping"] },
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 6,
          },
          readinessProbe: {
            exec: { command: ["redis-cli", "-e", "ping"] },
            periodSeconds: 5,
            timeoutSeconds: 5,
            failureThreshold: 2,
          },
          startupProbe: {
            exec: { command: ["redis-cli", "ping"] },
            periodSeconds: 1,
            timeoutSeconds: 5,
            failureThreshold: 120,
          },
          resources: redisResources(cluster.spec, inputs.releases.redis.template),
          securityContext: containerSecurityContext,
          volumeMounts: [
            { name: "data", mountPath: "/data" },
            { name: "config", mountPath: "/etc/redis", readOnly: true },
            { name: "auth", mountPath: "/etc/redis-auth", readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: "config", configMap: { name: names.redis } },
        {
          name: "auth",
          secret: { secretName: names.auth, items: [{ key: authKeys.redisConfig, path: "redis-auth.conf" }] },
        },
      ],
    },
  };
  return patchedPodTemplate(template, managed?.podPatch, labelsOf(cluster, "redis"));
}
