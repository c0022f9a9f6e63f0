import { stringify } from "yaml";
import { type KubeObject, textOf } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resourceOf, resources } from "../../api/resources.ts";
import type { Kube } from "../../kube/kube.ts";
import { manifestAnnotation } from "../../reconcile/drift/in-sync.ts";
import type { StaleMetadata } from "../../reconcile/drift/stale-metadata.ts";
import { mayTake, ownerText } from "../../reconcile/facts/ownership.ts";
import { type Step } from "../../reconcile/plan.ts";
import { hidden } from "../commands/render.ts";

/** One object before and after a change, as text. The text is empty where the object does not exist. */
export interface Change {
  title: string;
  before: string;
  after: string;
}

/**
 * What one step of a plan would change. It sends the operator's request as a dry run, and compares the result with the
 * object. Returns `foreign` if an object of another owner has the name.
 */
export async function childChange(
  step: Step,
  cluster: RealtimeCluster,
  kube: Kube,
  signal: AbortSignal,
): Promise<Change | { foreign: string }> {
  const { namespace } = cluster.metadata;
  if (step.type === "grow") {
    const claim = await kube.get(resources.persistentVolumeClaims, namespace, step.claim.metadata.name, signal);
    const before = comparable(claim);
    const grown = {
      ...claim,
      spec: { ...(claim?.["spec"] as object), resources: { requests: { storage: step.storage } } },
    } as KubeObject;
    return { title: titleOf(step.claim, namespace), before, after: comparable(grown) };
  }
  const object = step.type === "remove" || step.type === "strip" ? step.child : step.manifest;
  const title = titleOf(object, namespace);
  const existing = await kube.get(resourceOf(object), namespace, object.metadata.name, signal);
  if (step.type === "remove") return { title, before: comparable(existing), after: "" };
  if (step.type === "strip")
    return { title, before: comparable(existing), after: comparable(existing && withoutStale(existing, step.stale)) };
  if (step.isNew && existing !== undefined && !mayTake(existing, cluster))
    return { foreign: `${textOf(existing)} exists and does not belong to this cluster (${ownerText(existing)})` };
  if (step.type === "create") return { title, before: comparable(existing), after: comparable(step.manifest) };
  return {
    title,
    before: comparable(existing),
    after: comparable(await kube.apply(resourceOf(object), step.manifest, { dryRun: true }, signal)),
  };
}

function withoutStale(object: KubeObject, { labels, annotations }: StaleMetadata): KubeObject {
  const left = (values: Record<string, string> | undefined, keys: readonly string[]) =>
    Object.fromEntries(Object.entries(values ?? {}).filter(([key]) => !keys.includes(key)));
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: left(metadata.labels, labels),
      annotations: left(metadata.annotations, annotations),
    },
  };
}

/** An object as YAML, without the API server's own fields and without the values of Secrets. */
export function comparable(object: KubeObject | undefined): string {
  if (object === undefined) return "";
  const { apiVersion, kind, metadata, status: _status, ...body } = object;
  const { name, namespace, labels } = metadata;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => key !== manifestAnnotation && key !== "kubectl.kubernetes.io/last-applied-configuration",
  );
  const shown = {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
    ...body,
    ...(kind === "Secret" ? { data: hidden(body["data"]) } : {}),
  };
  return stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false, sortMapEntries: sortedBelowTheTop });
}

/** Sorts keys. At the top, apiVersion, kind and metadata come first, as people write them. */
function sortedBelowTheTop(one: { key: unknown }, other: { key: unknown }): number {
  const order = ["apiVersion", "kind", "metadata"];
  const [a, b] = [one, other].map(({ key }) => String((key as { value?: unknown } | undefined)?.value ?? key)) as [
    string,
    string,
  ];
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function titleOf({ kind, metadata }: KubeObject, namespace: string): string {
  return `${kind} ${namespace}/${metadata.name}`;
}
