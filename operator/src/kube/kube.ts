import type { KubeObject } from "../api/kube-object.ts";
import type { Resource } from "./resource.ts";

/** Our name in managedFields. Whoever finds another value there, finds somebody else's field. */
export const fieldManager = "realtime-operator";

/**
 * The verbs this operator uses, over raw JSON. One implementation speaks to an API server (http-kube.ts), one is a
 * fake for tests (fake/fake-kube.ts), and one contract suite runs on both. Every call takes an optional signal; a call that is
 * refused throws an ApiError, one that gets no answer a ConnectionError, an aborted one its signal's reason. Nothing is retried
 * here: the queue does that.
 */
export interface Kube {
  /** The object, or undefined where there is none. */
  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined>;
  /** One page of a list. */
  list(resource: Resource, options: ListOptions, signal?: AbortSignal): Promise<ObjectList>;
  /** Events after a resourceVersion until the server ends the watch, the connection breaks (throws) or the signal aborts (ends). */
  watch(resource: Resource, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Server-side apply, forced, fieldValidation=Strict. Creates where there is none. */
  apply(resource: Resource, object: KubeObject, options?: ApplyOptions, signal?: AbortSignal): Promise<KubeObject>;
  /** POST. Throws ApiError with reason AlreadyExists where there is one. */
  create(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** PUT with the object's resourceVersion as precondition: ApiError Conflict when it moved. Leases only. */
  replace(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** JSON merge patch of single fields that others own as well, such as a pod's deletion cost. */
  mergePatch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: object,
    signal?: AbortSignal,
  ): Promise<KubeObject>;
  /** Deletes exactly the object with this uid; one that is gone, or is another by now, is left alone and false returned. */
  remove(resource: Resource, object: KubeObject, options?: RemoveOptions, signal?: AbortSignal): Promise<boolean>;
  /** The plurals that are served; undefined where the group version is not. */
  discover(group: string, version: string, signal?: AbortSignal): Promise<ReadonlySet<string> | undefined>;
  /** The OpenAPI v3 document of a group version; undefined where it is not served. */
  openapi(group: string, version: string, signal?: AbortSignal): Promise<unknown>;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects a page; the server's own bound when absent. */
  limit?: number;
  continue?: string;
  /** "0" answers from the watch cache. */
  resourceVersion?: string;
}

export interface ObjectList {
  items: KubeObject[];
  resourceVersion: string;
  /** Token of the next page, absent on the last. */
  continue?: string;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion: string;
  /** The server ends the watch after this long. */
  timeoutSeconds: number;
  /** The server has accepted the watch; on a quiet kind that may be all that is heard of it. */
  onOpen?: () => void;
}

export type WatchEvent =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: KubeObject }
  | { type: "BOOKMARK"; object: { metadata: { resourceVersion: string } } }
  | { type: "ERROR"; code: number; reason: string; message: string };

export interface ApplyOptions {
  subresource?: "status" | "scale";
  /** Default `realtime-operator`. */
  fieldManager?: string;
  /** Ask the server what would be stored, without storing it. */
  dryRun?: boolean;
}

export interface RemoveOptions {
  /** Default Background. */
  propagation?: "Background" | "Foreground" | "Orphan";
}
