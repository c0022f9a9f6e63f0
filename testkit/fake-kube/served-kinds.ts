import { resources } from "../../operator/src/api/resources.ts";
import { leases } from "../../operator/src/kube/lease.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";

/** A kind that the fake serves. The fake knows only its top-level fields, and sets no default values. */
export interface ServedKind {
  resource: Resource;
  /** The fields besides apiVersion, kind and metadata. Other fields are refused, as with fieldValidation=Strict. */
  fields: readonly string[];
  subresources: readonly ("status" | "scale")[];
  /** Whether changes outside metadata and status raise metadata.generation. Some built-in kinds do not do that. */
  counted: boolean;
  /** Set for Leases: a replace without a uid creates a missing object. */
  replaceCreates?: true;
}

export const namespaces: Resource = {
  group: "",
  version: "v1",
  plural: "namespaces",
  kind: "Namespace",
  namespaced: false,
};
const realtimeClusters: Resource = {
  group: "realtime.dev",
  version: "v1beta1",
  plural: "realtimeclusters",
  kind: "RealtimeCluster",
  namespaced: true,
};

/**
 * A custom resource with the subresources status and scale. The scale allows PUT and merge patches: a real server does
 * not allow an apply of it.
 */
export function customKind(resource: Resource): ServedKind {
  return { resource, fields: ["spec", "status"], subresources: ["status"], counted: true };
}

/** Every kind that the operator uses. */
export const servedKinds: readonly ServedKind[] = [
  counted(resources.deployments, ["status", "scale"]),
  counted(resources.statefulSets, ["status", "scale"]),
  counted(resources.podDisruptionBudgets, ["status"]),
  counted(resources.networkPolicies, []),
  counted(resources.ingresses, ["status"]),
  counted(resources.pods, ["status"]),
  uncounted(resources.services, ["spec", "status"], ["status"]),
  uncounted(resources.persistentVolumeClaims, ["spec", "status"], ["status"]),
  uncounted(resources.horizontalPodAutoscalers, ["spec", "status"], ["status"]),
  uncounted(namespaces, ["spec", "status"], ["status"]),
  { ...uncounted(leases, ["spec"]), replaceCreates: true },
  uncounted(resources.secrets, ["data", "stringData", "type", "immutable"]),
  uncounted(resources.configMaps, ["data", "binaryData", "immutable"]),
  uncounted(resources.serviceAccounts, ["secrets", "imagePullSecrets", "automountServiceAccountToken"]),
  uncounted(resources.events, [
    "eventTime",
    "series",
    "reportingController",
    "reportingInstance",
    "action",
    "reason",
    "regarding",
    "related",
    "note",
    "type",
  ]),
  customKind(realtimeClusters),
  customKind(resources.httpRoutes),
  customKind(resources.scaledObjects),
  customKind(resources.serviceMonitors),
  customKind(resources.prometheusRules),
];

function counted(resource: Resource, subresources: ServedKind["subresources"]): ServedKind {
  return { resource, fields: ["spec", "status"], subresources, counted: true };
}

function uncounted(
  resource: Resource,
  fields: readonly string[],
  subresources: ServedKind["subresources"] = [],
): ServedKind {
  return { resource, fields, subresources, counted: false };
}
