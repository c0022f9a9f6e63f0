import { resources } from "../../operator/src/api/resources.ts";
import { leases } from "../../operator/src/kube/lease.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";

/**
 * A kind that the fake API server serves. The fake knows only the names of its top-level fields, and sets no defaults.
 */
export interface ServedKind {
  resource: Resource;
  /**
   * The top-level fields, in addition to apiVersion, kind and metadata. Other fields are refused, as a real server does
   * with fieldValidation=Strict.
   */
  fields: readonly string[];
  subresources: readonly ("status" | "scale")[];
  /**
   * Whether a change outside metadata and status raises metadata.generation. Some built-in kinds have no generation.
   */
  counted: boolean;
  /** True for Leases: a replace of an object that does not exist creates it, if the request has no uid. */
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

export function customKind(resource: Resource): ServedKind {
  return { resource, fields: ["spec", "status"], subresources: ["status"], counted: true };
}

/** All kinds that the operator uses. */
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
