import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import { fieldManager, type ApplyOptions, type RemoveOptions } from "../../operator/src/kube/kube.ts";
import { apiVersionOf, type Resource } from "../../operator/src/kube/resource.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { isObject } from "./list-shapes.ts";
import { mergePatched } from "./merge.ts";
import { ObjectTable } from "./object-table.ts";
import { afterApply, afterUpdate, type Writer } from "./ownership.ts";
import { refusals } from "./refusals.ts";
import { namespaces, type ServedKind } from "./served-kinds.ts";

type Subresource = ApplyOptions["subresource"];

/**
 * The part of the fake API server that handles writes: it checks each write, sets resourceVersion and timestamps, and
 * stores the object.
 */
export class FakeServer {
  readonly table = new ObjectTable();
  readonly #now: () => number;
  #kinds: readonly ServedKind[];
  #uids = 0;

  constructor(kinds: readonly ServedKind[], now: () => number) {
    this.#kinds = kinds;
    this.#now = now;
  }

  get kinds(): readonly ServedKind[] {
    return this.#kinds;
  }

  serve(kind: ServedKind): void {
    this.#kinds = [...this.#kinds, kind];
  }

  unserve(resource: Resource): void {
    this.#kinds = this.#kinds.filter((kind) => !isSame(kind.resource, resource));
    for (const { object } of this.table.all(resource)) this.table.remove(resource, object);
  }

  /** Throws when the kind or its subresource is not served. */
  kind(resource: Resource, subresource?: Subresource): ServedKind {
    const kind = this.#kinds.find((served) => isSame(served.resource, resource));
    if (kind === undefined || (subresource !== undefined && !kind.subresources.includes(subresource)))
      throw refusals.notServed();
    return kind;
  }

  find(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#kinds.some((kind) => isSame(kind.resource, resource))
      ? this.table.get(resource, namespace, name)
      : undefined;
  }

  apply(
    resource: Resource,
    object: KubeObject,
    { subresource, dryRun, fieldManager: manager = fieldManager }: ApplyOptions,
  ): KubeObject {
    const kind = this.kind(resource, subresource);
    const live = this.table.get(resource, object.metadata.namespace, object.metadata.name);
    if (live === undefined && subresource !== undefined) throw refusals.notFound(resource, object.metadata.name);
    checkPreconditions(resource, live, object.metadata);
    for (const field of strangeFields(kind, object)) throw refusals.unknownAppliedField(field);
    const next = afterApply(live, partOf(object, kind, subresource), this.#writer(manager, subresource));
    const stored =
      live === undefined ? this.#insert(resource, next, dryRun) : this.#store(resource, live, next, dryRun);
    return subresource === "scale" ? scaleOf(stored) : stored;
  }

  create(resource: Resource, object: KubeObject): KubeObject {
    const kind = this.kind(resource);
    for (const field of strangeFields(kind, object)) throw refusals.unknownField(field);
    if (this.table.get(resource, object.metadata.namespace, object.metadata.name) !== undefined)
      throw refusals.alreadyExists(resource, object.metadata.name);
    return this.#insert(
      resource,
      afterUpdate(undefined, partOf(object, kind, undefined), this.#writer(fieldManager, undefined)),
    );
  }

  /** Replaces an object. If `object` has no resourceVersion, replaces whatever version is stored. */
  replace(resource: Resource, object: KubeObject): KubeObject {
    const kind = this.kind(resource);
    for (const field of strangeFields(kind, object)) throw refusals.unknownField(field);
    const { name, namespace, uid } = object.metadata;
    const live = this.table.get(resource, namespace, name);
    if (live === undefined) {
      if (uid !== undefined) throw refusals.otherUid(resource, name);
      if (kind.replaceCreates) return this.create(resource, object);
      throw refusals.notFound(resource, name);
    }
    const { resourceVersion = live.metadata.resourceVersion } = object.metadata;
    if (uid !== undefined && uid !== live.metadata.uid) throw refusals.otherUid(resource, name);
    if (resourceVersion !== live.metadata.resourceVersion) throw refusals.modified(resource, name);
    const status =
      kind.subresources.includes("status") && live["status"] !== undefined ? { status: live["status"] } : {};
    return this.#store(
      resource,
      live,
      afterUpdate(live, { ...partOf(object, kind, undefined), ...status }, this.#writer(fieldManager, undefined)),
    );
  }

  mergePatch(resource: Resource, namespace: string | undefined, name: string, patch: object): KubeObject {
    this.kind(resource);
    const live = this.table.get(resource, namespace, name);
    if (live === undefined) throw refusals.notFound(resource, name);
    return this.replace(resource, mergePatched(live, patch) as KubeObject);
  }

  /** Deletes an object. Returns false if there is no object with this name and uid. */
  remove(resource: Resource, object: KubeObject, { propagation = "Background" }: RemoveOptions = {}): boolean {
    const live = this.find(resource, object.metadata.namespace, object.metadata.name);
    if (live === undefined || live.metadata.uid !== object.metadata.uid) return false;
    const added = { Background: [], Foreground: ["foregroundDeletion"], Orphan: ["orphan"] }[propagation];
    const finalizers = [...new Set([...(live.metadata.finalizers ?? []), ...added])];
    // A namespace stays until its content is deleted. A real API server uses a finalizer in the namespace's spec for
    // this.
    if (finalizers.length === 0 && !isSame(resource, namespaces)) this.table.remove(resource, live);
    else if (live.metadata.deletionTimestamp === undefined) {
      const counted = live.metadata.generation === undefined ? {} : { generation: live.metadata.generation + 1 };
      const metadata = {
        ...live.metadata,
        ...counted,
        ...(finalizers.length === 0 ? {} : { finalizers }),
        deletionTimestamp: this.#timestamp(),
        deletionGracePeriodSeconds: 0,
      };
      this.table.put(resource, {
        ...live,
        metadata,
        ...(isSame(resource, namespaces) ? { status: { phase: "Terminating" } } : {}),
      });
    }
    return true;
  }

  /** Repeats the steps of the garbage collector and the namespace controller until nothing changes. */
  collectGarbage(): void {
    while (
      collectGarbage(this.table, {
        remove: (resource, object) => void this.remove(resource, object),
        update: (resource, before, after) => void this.#store(resource, before, after),
      }) > 0
    );
  }

  #insert(resource: Resource, object: KubeObject, dryRun = false): KubeObject {
    const { namespace } = object.metadata;
    if (resource.namespaced) {
      const home = namespace === undefined ? undefined : this.table.get(namespaces, undefined, namespace);
      if (home === undefined) throw refusals.noNamespace(namespace ?? "");
      if (home.metadata.deletionTimestamp !== undefined) throw refusals.namespaceTerminating(resource, object);
    }
    const identity = {
      uid: `00000000-0000-4000-8000-${String(++this.#uids).padStart(12, "0")}`,
      creationTimestamp: this.#timestamp(),
    };
    const metadata = { ...object.metadata, ...identity, ...(this.kind(resource).counted ? { generation: 1 } : {}) };
    return dryRun ? { ...object, metadata } : this.table.put(resource, { ...object, metadata });
  }

  /**
   * Stores the new state of an object, unless it equals the current state. If the object is being deleted and its last
   * finalizer is gone, removes it.
   */
  #store(resource: Resource, live: KubeObject, next: KubeObject, dryRun = false): KubeObject {
    if (isDeepStrictEqual(live, next)) return live;
    const { generation, deletionTimestamp, finalizers = [] } = next.metadata;
    const moved = generation !== undefined && !isDeepStrictEqual(countedPart(live), countedPart(next));
    const counted = moved ? { ...next, metadata: { ...next.metadata, generation: generation + 1 } } : next;
    if (dryRun) return counted;
    if (deletionTimestamp === undefined || finalizers.length > 0) return this.table.put(resource, counted);
    this.table.remove(resource, counted);
    return counted;
  }

  #writer(manager: string, subresource: Subresource): Writer {
    return { manager, subresource, time: this.#timestamp() };
  }

  #timestamp(): string {
    return new Date(this.#now()).toISOString().replace(/\.\d+Z$/, "Z");
  }
}

/** Refuses an apply if its uid or resourceVersion differs from the stored object's, or if it contains managedFields. */
function checkPreconditions(
  resource: Resource,
  live: KubeObject | undefined,
  { name, uid, resourceVersion, managedFields }: KubeObject["metadata"],
): void {
  if (managedFields !== undefined) throw refusals.managedFields();
  if (uid !== undefined && uid !== live?.metadata.uid)
    throw live === undefined ? refusals.otherUid(resource, name) : refusals.immutableUid(resource, name);
  if (resourceVersion !== undefined && resourceVersion !== live?.metadata.resourceVersion)
    throw refusals.modified(resource, name);
}

function isSame(a: Resource, b: Resource): boolean {
  return a.group === b.group && a.plural === b.plural && a.version === b.version;
}

function strangeFields(kind: ServedKind, object: KubeObject): string[] {
  return Object.keys(object).filter((field) => !["apiVersion", "kind", "metadata", ...kind.fields].includes(field));
}

/** The part of the object that a request to this subresource may write. */
function partOf(object: KubeObject, kind: ServedKind, subresource: Subresource): KubeObject {
  const { metadata, status, ...rest } = object;
  const { apiVersion, kind: name } = { apiVersion: apiVersionOf(kind.resource), kind: kind.resource.kind };
  const identity = {
    apiVersion,
    kind: name,
    metadata: { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
  };
  if (subresource === "status") return { ...identity, ...(status === undefined ? {} : { status }) };
  if (subresource === "scale")
    return { ...identity, spec: { replicas: isObject(object["spec"]) ? object["spec"]["replicas"] : undefined } };
  const keepsStatus = kind.fields.includes("status") && !kind.subresources.includes("status") && status !== undefined;
  return { ...rest, ...identity, metadata, ...(keepsStatus ? { status } : {}) };
}

/** The part of the object in which a change raises metadata.generation. */
function countedPart({ metadata: _metadata, status: _status, ...rest }: KubeObject): unknown {
  return rest;
}

function scaleOf({ metadata, spec, status }: KubeObject): KubeObject {
  const { name, namespace = "", uid = "", resourceVersion = "" } = metadata;
  const replicas = (of: unknown) => (isObject(of) ? of["replicas"] : undefined) ?? 0;
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name, namespace, uid, resourceVersion },
    spec: { replicas: replicas(spec) },
    status: { replicas: replicas(status) },
  };
}
