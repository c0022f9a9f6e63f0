import type { KubeObject } from "../api/kube-object.ts";
import type { Resource } from "./resource.ts";

/** Name of this operator in managedFields. */
export const fieldManager = "realtime-operator";

/**
 * The API verbs this operator uses, over raw JSON. One contract suite runs on the HTTP client and on the fake. Calls
 * throw ApiError, ConnectionError or the signal's reason, and never retry: the work queue does.
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
  /** Events after a resourceVersion. Ends with the server or the signal; throws when the connection breaks. */
  watch(resource: Resource, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Server-side apply, forced, fieldValidation=Strict. Creates the object when it does not exist. */
  apply(resource: Resource, object: KubeObject, options?: ApplyOptions, signal?: AbortSignal): Promise<KubeObject>;
  /** POST. Throws an ApiError with reason AlreadyExists when the object exists. */
  create(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** PUT with the object's resourceVersion as precondition: ApiError Conflict when it changed. Leases only. */
  replace(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** JSON merge patch of fields that are not applied, such as a pod's deletion cost. */
  mergePatch(resource: Resource, at: ObjectName, patch: object, signal?: AbortSignal): Promise<KubeObject>;
  /** Deletes the object with this uid. Returns false when it is gone or replaced by another. */
  remove(resource: Resource, object: KubeObject, options?: RemoveOptions, signal?: AbortSignal): Promise<boolean>;
  /** The served plurals; undefined when the group version is not served. */
  discover(group: string, version: string, signal?: AbortSignal): Promise<ReadonlySet<string> | undefined>;
  /** The OpenAPI v3 document of a group version; undefined when it is not served. */
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
  /** Objects per page. Default: the server's own limit. */
  limit?: number;
  continue?: string;
  /** "0" lets the server answer from its watch cache. */
  resourceVersion?: string;
}

export interface ObjectList {
  items: KubeObject[];
  resourceVersion: string;
  /** Token of the next page; absent on the last. */
  continue?: string;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion: string;
  /** The server ends the watch after this long. */
  timeoutSeconds: number;
  /** The server accepted the watch. A quiet kind may never send more. */
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
  /** Returns what would be stored, without storing it. */
  dryRun?: boolean;
}

export interface RemoveOptions {
  /** Default: Background. */
  propagation?: "Background" | "Foreground" | "Orphan";
}
