import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import type {
  ApplyOptions,
  Kube,
  ListOptions,
  ObjectList,
  ObjectName,
  RemoveOptions,
  WatchEvent,
  WatchOptions,
} from "../../operator/src/kube/kube.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";
import { FakeLists } from "./fake-lists.ts";
import { FakeServer } from "./fake-server.ts";
import { FakeWatches } from "./fake-watches.ts";
import { RequestLog, type FakeRequest, type Interceptor } from "./request-log.ts";
import { namespaces, servedKinds, type ServedKind } from "./served-kinds.ts";

export interface FakeKubeOptions {
  /** The clock for timestamps. By default, time starts at 2026-01-01 and advances by one second with each write. */
  now?: () => number;
  /** The kinds that exist. Default: all kinds in served-kinds.ts. */
  kinds?: readonly ServedKind[];
  /** The namespaces that exist at the start. Default: only the namespace `default`. */
  namespaces?: readonly string[];
}

/**
 * A fake API server in memory. One suite of contract tests runs on it and on a real API server. It has no controllers
 * except collectGarbage(). It sets no default values, and of each object it validates only what served-kinds.ts
 * describes.
 */
export class FakeKube implements Kube {
  readonly watches: FakeWatches;
  readonly #server: FakeServer;
  readonly #lists: FakeLists;
  readonly #log = new RequestLog();

  constructor(options: FakeKubeOptions = {}) {
    const start = Date.UTC(2026, 0, 1);
    this.#server = new FakeServer(
      options.kinds ?? servedKinds,
      options.now ?? (() => start + this.#server.table.version * 1000),
    );
    this.#lists = new FakeLists(this.#server.table);
    this.watches = new FakeWatches(this.#server.table);
    for (const name of options.namespaces ?? ["default"])
      this.#server.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  /** All requests so far, including those that were refused. */
  get requests(): FakeRequest[] {
    return this.#log.requests;
  }

  /** Sets a function that decides for each later request whether it succeeds or fails. */
  set intercept(interceptor: Interceptor) {
    this.#log.intercept = interceptor;
  }

  /**
   * Makes the next request fail with this error. A second call affects the request after that one. With "after", the
   * request takes effect and only its answer is lost.
   */
  failNext(error: Error, when: "before" | "after" = "before"): void {
    this.#log.failNext(error, when);
  }

  /** All objects of a kind. This call does not count as a request. */
  objects(resource: Resource): KubeObject[] {
    return this.#server.table.all(resource).map(({ object }) => structuredClone(object));
  }

  /** Installs the definition of a kind. */
  serve(kind: ServedKind): void {
    this.#server.serve(kind);
  }

  /** Removes the definition of a kind, and its objects. */
  unserve(resource: Resource): void {
    this.#server.unserve(resource);
  }

  /** Repeats the steps of the garbage collector and the namespace controller until nothing changes. */
  collectGarbage(): void {
    this.#server.collectGarbage();
  }

  /** Makes all earlier resourceVersions expire, and the continue tokens of lists too, as etcd's compaction does. */
  compact(): void {
    this.#server.table.compact();
    this.#lists.expire();
  }

  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined> {
    return this.#log.run({ verb: "get", resource, namespace, name }, signal, () =>
      this.#server.find(resource, namespace, name),
    );
  }

  list(resource: Resource, options: ListOptions, signal?: AbortSignal): Promise<ObjectList> {
    return this.#log.run({ verb: "list", resource, namespace: options.namespace, options }, signal, () => {
      this.#server.kind(resource);
      return this.#lists.list(resource, options);
    });
  }

  async *watch(resource: Resource, options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent, void, void> {
    const { onOpen: _onOpen, ...sent } = options;
    try {
      await this.#log.run({ verb: "watch", resource, namespace: options.namespace, options: sent }, signal, () =>
        this.#server.kind(resource),
      );
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    yield* this.watches.watch(resource, options, signal);
  }

  apply(resource: Resource, object: KubeObject, options: ApplyOptions = {}, signal?: AbortSignal): Promise<KubeObject> {
    return this.#write({ verb: "apply", resource, options }, object, signal, (body) =>
      this.#server.apply(resource, body, options),
    );
  }

  create(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    return this.#write({ verb: "create", resource }, object, signal, (body) => this.#server.create(resource, body));
  }

  replace(resource: Resource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    return this.#write({ verb: "replace", resource }, object, signal, (body) => this.#server.replace(resource, body));
  }

  mergePatch(
    resource: Resource,
    { namespace, name }: ObjectName,
    patch: object,
    signal?: AbortSignal,
  ): Promise<KubeObject> {
    const body = structuredClone(patch);
    return this.#log.run({ verb: "mergePatch", resource, namespace, name, body }, signal, () =>
      this.#server.mergePatch(resource, namespace, name, body),
    );
  }

  remove(resource: Resource, object: KubeObject, options: RemoveOptions = {}, signal?: AbortSignal): Promise<boolean> {
    return this.#write({ verb: "remove", resource, options }, object, signal, (body) =>
      this.#server.remove(resource, body, options),
    );
  }

  discover(group: string, version: string, signal?: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    return this.#log.run({ verb: "discover", options: { group, version } }, signal, () => {
      const found = this.#server.kinds.filter(
        ({ resource }) => resource.group === group && resource.version === version,
      );
      return found.length === 0 ? undefined : new Set(found.map(({ resource }) => resource.plural));
    });
  }

  /** Returns an empty OpenAPI document for a group that the fake serves, because the fake has no schemas. */
  openapi(group: string, version: string, signal?: AbortSignal): Promise<unknown> {
    return this.#log.run({ verb: "openapi", options: { group, version } }, signal, () =>
      this.#server.kinds.some(({ resource }) => resource.group === group && resource.version === version)
        ? { openapi: "3.0.0", paths: {}, components: { schemas: {} } }
        : undefined,
    );
  }

  #write<T>(
    { verb, resource, options = {} }: Pick<FakeRequest, "verb" | "options"> & { resource: Resource },
    object: KubeObject,
    signal: AbortSignal | undefined,
    effect: (body: KubeObject) => T,
  ): Promise<T> {
    // Copy the object through JSON, as a real request would. Undefined fields disappear, and the caller's later changes
    // have no effect.
    const body = JSON.parse(JSON.stringify(object)) as KubeObject;
    const { namespace, name } = body.metadata;
    return this.#log.run({ verb, resource, namespace, name, body, options }, signal, () => effect(body));
  }
}
