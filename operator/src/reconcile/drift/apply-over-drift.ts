import { pathsIn } from "../../api/field-set.ts";
import { textOf, type KubeObject } from "../../api/kube-object.ts";
import { resourceOf } from "../../api/resources.ts";
import { ApiError } from "../../kube/errors.ts";
import type { Kube } from "../../kube/kube.ts";
import type { Manifest } from "../../manifests/shared/child.ts";
import { adopted, foreignFields, foreignItems, type ForeignFields } from "./foreign-fields.ts";

/** What was removed from a child: foreign fields, or the whole child. An event reports it. */
export interface Removed {
  /** Kind and name, like "Service chat-server". */
  object: string;
  /** Field paths, like "spec.ports[port=5999,protocol=TCP]". */
  paths: readonly string[];
  /** The field managers that owned the removed fields. */
  managers: readonly string[];
  /** Set when the child was deleted and created again: why the API server refused to change it. */
  recreatedBecause?: string;
}

/**
 * Objects of these kinds are deleted and created again when they have another value in one of these fields, which
 * cannot be changed. Never add StatefulSets or Secrets, because users would lose data.
 */
const RECREATABLE: Readonly<Record<string, RegExp>> = {
  ConfigMap: /^(data|binaryData|immutable)\b/,
  Deployment: /^spec\.selector\b/,
  Service: /^spec\.clusterIPs?\b/,
};

export interface DriftedApply {
  manifest: Manifest;
  /** True when lists of the child contain items that other managers own. */
  hasForeignItems?: true;
  /**
   * True when the API server has accepted the same manifest before. If it refuses the manifest now, changes by other
   * writers are the cause.
   */
  wasApplied?: true;
}

export interface ApplyOverDriftDeps {
  kube: Pick<Kube, "get" | "apply" | "mergePatch" | "remove">;
  signal: AbortSignal;
}

/**
 * Applies a manifest, and removes as few foreign fields as possible. First it removes foreign items from lists of the
 * manifest. If the API server refuses the apply, it removes all foreign fields. If the API server refuses again because
 * of duplicate items, it replaces the lists as a whole. If the child has another value in a field that cannot be
 * changed, because another program has created it, the child is created again.
 */
export async function applyOverDrift(
  { manifest, hasForeignItems, wasApplied }: DriftedApply,
  deps: ApplyOverDriftDeps,
): Promise<{ object: KubeObject; removed: readonly Removed[] }> {
  const apply = () => deps.kube.apply(resourceOf(manifest), manifest, {}, deps.signal);
  const items = hasForeignItems === true ? await adopt(manifest, foreignItems, deps) : [];
  try {
    return { object: await apply(), removed: items };
  } catch (error) {
    if (needsRecreation(manifest, error)) return recreate(manifest, error, deps);
    if (wasApplied !== true || !isPermanentRefusal(error) || isOfImmutableField(error)) throw error;
  }
  const fields = await adopt(manifest, foreignFields, deps);
  try {
    return { object: await apply(), removed: [...items, ...fields] };
  } catch (error) {
    if (!isPermanentRefusal(error)) throw error;
  }
  await replaceLists(manifest, deps);
  const whole = { object: textOf(manifest), paths: ["spec"], managers: ["unknown"] };
  return { object: await apply(), removed: [...items, ...fields, whole] };
}

const OF_MANIFEST = ["failed to create typed patch object", "quantities must match the regular expression"];

/**
 * Whether the API server would refuse a retry too. If the schema does not have a field of the manifest, or has another
 * type for it, server-side apply answers 500. Only the message distinguishes this from an error of the server.
 */
export function isPermanentRefusal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { status, message } = error;
  return status === 400 || status === 422 || (status === 500 && OF_MANIFEST.some((words) => message.includes(words)));
}

const IMMUTABLE = /field is immutable|may not change once set/;

/**
 * Whether the API server refuses the manifest because it would change a field that cannot be changed. Only the message
 * says so (Kubernetes 1.35: ConfigMap, Deployment and Secret; Service; StatefulSet).
 */
export function isOfImmutableField(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status === 422 &&
    (IMMUTABLE.test(error.message) || error.message.includes("updates to statefulset spec for fields other than"))
  );
}

/**
 * Whether the API server itself says that such a field would change. A refusal of a policy or webhook can have the same
 * words, but names no such field: the child must then stay.
 */
function needsRecreation({ kind }: Manifest, error: unknown): boolean {
  const path = RECREATABLE[kind];
  if (path === undefined || !(error instanceof ApiError) || !isOfImmutableField(error)) return false;
  return error.causes.some(({ field = "", message = "" }) => path.test(field) && IMMUTABLE.test(message));
}

async function recreate(
  manifest: Manifest,
  refusal: unknown,
  { kube, signal }: ApplyOverDriftDeps,
): Promise<{ object: KubeObject; removed: readonly Removed[] }> {
  const { namespace, name } = manifest.metadata;
  const resource = resourceOf(manifest);
  const child = await kube.get(resource, namespace, name, signal);
  if (child !== undefined) await kube.remove(resource, child, {}, signal);
  const object = await kube.apply(resource, manifest, {}, signal);
  return {
    object,
    removed: [{ object: textOf(manifest), paths: [], managers: [], recreatedBecause: textOfError(refusal) }],
  };
}

function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function adopt(
  manifest: Manifest,
  pick: (child: KubeObject, manifest: Manifest) => ForeignFields[],
  { kube, signal }: ApplyOverDriftDeps,
): Promise<Removed[]> {
  const { namespace, name } = manifest.metadata;
  const resource = resourceOf(manifest);
  const child = await kube.get(resource, namespace, name, signal);
  const fields = child === undefined ? [] : pick(child, manifest);
  if (child === undefined || fields.length === 0) return [];
  const { resourceVersion } = child.metadata;
  const managedFields = adopted(child, fields);
  await kube.mergePatch(resource, { namespace, name }, { metadata: { resourceVersion, managedFields } }, signal);
  return [
    {
      object: textOf(manifest),
      paths: fields.flatMap(({ fields: set }) => pathsIn(set)),
      managers: [...new Set(fields.map(({ manager }) => manager))],
    },
  ];
}

async function replaceLists(manifest: Manifest, { kube, signal }: ApplyOverDriftDeps): Promise<void> {
  const { metadata, apiVersion: _apiVersion, kind: _kind, ...body } = manifest;
  const { namespace, name } = metadata;
  await kube.mergePatch(resourceOf(manifest), { namespace, name }, body, signal);
}
