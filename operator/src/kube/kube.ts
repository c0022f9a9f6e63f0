import type { KubeObject } from "../api/kube-object.ts";
import type { Resource } from "./resource.ts";

/** Name of this operator in managedFields. */
export const fieldManager = "realtime-operator";

/**
 * The API verbs that this operator uses, over raw JSON. The same contract tests run on the HTTP client and on the fake
 * API server. A call throws an ApiError, a ConnectionError or the signal's reason. It never retries, because the work
 * queue does.
 */
export interface Kube {
  /** The object, or undefined when it does not exist. */
  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined>;
  /** One page of a list. */
  list(resource: Resource, options: ListOptions, signal?: AbortSignal): Promise<ObjectList>;
  /**
   * The events after a resourceVersion. The loop ends when the server ends the watch or the signal aborts. It throws
   * when the connection breaks.
   */
  watch(resource: Resource, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Server-side apply with force and fieldValidation=Strict. Creates the object when it does not exist. */
  apply(resource: Resource, object: KubeObject, options?: ApplyOptions, signal?: AbortSignal): Promise<KubeObject>;
  /** POST. Throws an ApiError with reason AlreadyExists when the object exists. */
  create(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** PUT, for leases only. Throws an ApiError with reason Conflict when the object's resourceVersion has changed. */
  replace(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** JSON merge patch. Use it for fields that the operator does not apply, such as a pod's deletion cost. */
  mergePatch(resource: Resource, at: ObjectName, patch: object, signal?: AbortSignal): Promise<KubeObject>;
  /**
   * Deletes the object with this name if it has the same uid as the given object. Returns false when the object no
   * longer exists, or when another object has its name.
   */
  remove(resource: Resource, object: KubeObject, options?: RemoveOptions, signal?: AbortSignal): Promise<boolean>;
  /**
   * The plural names of the kinds in this group version. Undefined when the API server does not have the group version.
   */
  discover(group: string, version: string, signal?: AbortSignal): Promise<ReadonlySet<string> | undefined>;
  /** The OpenAPI v3 document of a group version. Undefined when the API server does not have the group version. */
  openapi(group: string, version: string, signal?: AbortSignal): Promise<unknown>;
}

export interface ObjectName {
  /** Undefined for a cluster-scoped object. */
  namespace?: string | undefined;
  name: string;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** How many objects a page has. Default: the server's limit. */
  limit?: number;
  continue?: string;
  /** "0": the server may answer from its watch cache. */
  resourceVersion?: string;
}

export interface ObjectList {
  items: KubeObject[];
  resourceVersion: string;
  /** Token for the request of the next page. Absent on the last page. */
  continue?: string;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion: string;
  /** The server ends the watch after this many seconds. */
  timeoutSeconds: number;
  /** Called when the server has accepted the watch. A watch sends nothing more until an object changes. */
  onOpen?: () => void;
}

export type WatchEvent =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: KubeObject }
  | { type: "BOOKMARK"; object: { metadata: { resourceVersion: string } } }
  | { type: "ERROR"; code: number; reason: string; message: string };

export interface ApplyOptions {
  subresource?: "status" | "scale";
  /** Default: `realtime-operator`. */
  fieldManager?: string;
  /** True: the server returns the object that it would store, but does not store it. */
  dryRun?: boolean;
}

export interface RemoveOptions {
  /** Default: Background. */
  propagation?: "Background" | "Foreground" | "Orphan";
}
