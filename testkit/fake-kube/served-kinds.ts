import { resources } from "../../operator/src/api/resources.ts";
import { leases } from "../../operator/src/kube/lease.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";

/** A kind as the fake serves it: only top-level fields are known, and there are no defaults. */
export interface ServedKind {
  resource: Resource;
  /** Fields besides apiVersion, kind and metadata. Others are refused, as with fieldValidation=Strict. */
  fields: readonly string[];
  subresources: readonly ("status" | "scale")[];
  /** Whether metadata.generation counts changes beyond metadata and status. Not every built-in kind does so. */
  counted: boolean;
  /** A replace of a missing object without a uid creates it. Leases do that. */
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

/** A custom resource with status. Its scale allows PUT and merge patches: a real server cannot apply it. */
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
