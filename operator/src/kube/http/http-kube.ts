import type { KubeObject } from "../../api/kube-object.ts";
import { listIn, objectIn, pluralsIn } from "./response-objects.ts";
import type { Connection } from "./connection.ts";
import { ApiError, ConnectionError } from "../errors.ts";
import { explained, HttpClient, type HttpRequest } from "./http-client.ts";
import { jsonLines } from "./json-lines.ts";
import { fieldManager, type Kube, type ListOptions, type WatchOptions } from "../kube.ts";
import { groupVersionPath, pathOf, type Resource } from "../resource.ts";
import { watchEventOf } from "./watch-event.ts";
import { withTimeLimit } from "./time-limit.ts";

export interface HttpKubeOptions {
  /**
   * Time limit of a whole request, after which it throws a ConnectionError. Default: 30 s. Watches have no such limit.
   */
  timeoutMs?: number;
}

/** etcd limits an object to 1.5 MiB. Its JSON is somewhat larger. */
const MAX_OBJECT_BYTES = 8 * 1024 * 1024;
/** The most bytes of a list's page, which has up to 500 objects. The bound protects the operator's memory. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** The largest schema of Kubernetes, apps/v1, has 1 MiB. */
const MAX_SCHEMA_BYTES = 32 * 1024 * 1024;

const applyPatch = "application/apply-patch+yaml"; // every JSON text is also YAML
const mergePatch = "application/merge-patch+json";

/** Sends a request that concerns one object, and returns the object in the response. */
type SendForObject = (
  request: HttpRequest,
  resource: Pick<Resource, "kind">,
  name: string,
  signal: AbortSignal | undefined,
) => Promise<KubeObject>;
/** Sends a request, and returns what `taken` makes of the parsed response. */
type SendForJson = <T>(
  request: HttpRequest,
  maxBytes: number,
  signal: AbortSignal | undefined,
  taken: (answer: unknown) => T,
) => Promise<T>;

const ourWrite = { fieldManager, fieldValidation: "Strict" } as const;

/** The Kubernetes API verbs over HTTP. */
export function httpKube(connection: Connection, { timeoutMs = 30_000 }: HttpKubeOptions = {}): Kube {
  const client = new HttpClient(connection);
  const json: SendForJson = (request, maxBytes, outer, taken) =>
    withTimeLimit(
      timeoutMs,
      () => new ConnectionError(`${request.method} ${request.path}: no answer within ${timeoutMs / 1000} s`),
      outer,
      (signal) => client.json(request, maxBytes, signal, taken),
    );
  const one: SendForObject = (request, resource, name, signal) =>
    json(request, MAX_OBJECT_BYTES, signal, (answer) => objectIn(answer, resource, name));
  const reads = readVerbs(json, one);
  return {
    ...reads,
    ...writeVerbs(one),
    watch: (resource, options, signal) => watch(client, resource, options, signal),
    remove: removeVerb(json, reads.get),
  };
}

function readVerbs(json: SendForJson, one: SendForObject): Pick<Kube, "get" | "list" | "discover" | "openapi"> {
  return {
    get: (resource, namespace, name, signal) =>
      unless404(one({ method: "GET", path: pathOf(resource, { namespace, name }) }, resource, name, signal)),
    list: (resource, { namespace, ...options }, signal) =>
      json(
        { method: "GET", path: pathOf(resource, { namespace }), query: listQuery(options) },
        MAX_LIST_BYTES,
        signal,
        (answer) => listIn(answer, resource),
      ),
    discover: (group, version, signal) =>
      unless404(json({ method: "GET", path: groupVersionPath(group, version) }, MAX_SCHEMA_BYTES, signal, pluralsIn)),
    openapi(group, version, signal) {
      const path = `/openapi/v3${groupVersionPath(group, version)}`;
      return unless404(json({ method: "GET", path }, MAX_SCHEMA_BYTES, signal, (answer) => answer));
    },
  };
}

function writeVerbs(one: SendForObject): Pick<Kube, "apply" | "create" | "replace" | "mergePatch"> {
  return {
    apply(resource, object, options = {}, signal) {
      const { namespace, name } = object.metadata;
      const { subresource, dryRun = false } = options;
      const request: HttpRequest = {
        method: "PATCH",
        path: pathOf(resource, { namespace, name, subresource }),
        query: {
          fieldManager: options.fieldManager ?? fieldManager,
          force: true,
          fieldValidation: "Strict",
          dryRun: dryRun ? "All" : undefined,
        },
        body: object,
        contentType: applyPatch,
      };
      return one(request, subresource === "scale" ? { kind: "Scale" } : resource, name, signal);
    },
    create(resource, object, signal) {
      const { namespace, name } = object.metadata;
      const path = pathOf(resource, { namespace });
      return one({ method: "POST", path, query: ourWrite, body: object }, resource, name, signal);
    },
    replace(resource, object, signal) {
      const { namespace, name } = object.metadata;
      const path = pathOf(resource, { namespace, name });
      return one({ method: "PUT", path, query: ourWrite, body: object }, resource, name, signal);
    },
    mergePatch(resource, at, patch, signal) {
      const path = pathOf(resource, at);
      const request: HttpRequest = { method: "PATCH", path, query: ourWrite, body: patch, contentType: mergePatch };
      return one(request, resource, at.name, signal);
    },
  };
}

function removeVerb(json: SendForJson, get: Kube["get"]): Kube["remove"] {
  return async (resource, object, { propagation = "Background" } = {}, signal) => {
    const { namespace, name, uid } = object.metadata;
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: propagation, preconditions: { uid } };
    const request: HttpRequest = { method: "DELETE", path: pathOf(resource, { namespace, name }), body };
    try {
      // The response is the object or a Status, depending on whether the object has finalizers.
      await json(request, MAX_OBJECT_BYTES, signal, () => undefined);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return false;
      // Only the text of a conflict tells whether the uid differed, and texts may change. So read the object.
      if (error.status === 409 && (await get(resource, namespace, name, signal))?.metadata.uid !== uid) return false;
      throw error;
    }
  };
}

async function* watch(
  client: HttpClient,
  resource: Resource,
  { namespace, onOpen, ...options }: WatchOptions,
  signal: AbortSignal,
) {
  const path = pathOf(resource, { namespace });
  try {
    const response = await client.stream(
      { method: "GET", path, query: { watch: true, allowWatchBookmarks: true, ...options } },
      signal,
    );
    onOpen?.();
    // When the loop ends early, the response and its connection are destroyed.
    for await (const line of jsonLines(response as AsyncIterable<Buffer>, MAX_OBJECT_BYTES)) {
      if (signal.aborted) return;
      yield watchEventOf(line, resource.kind);
    }
  } catch (error) {
    if (!signal.aborted) throw error instanceof ConnectionError ? error : explained("the answer", error, signal);
  }
}

function listQuery({
  labelSelector,
  fieldSelector,
  limit,
  continue: token,
  resourceVersion,
}: ListOptions): NonNullable<HttpRequest["query"]> {
  return { labelSelector, fieldSelector, limit, continue: token, resourceVersion };
}

async function unless404<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
