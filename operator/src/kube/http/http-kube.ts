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
   * Time limit of a whole request. A request that lasts longer throws a ConnectionError. Default: 30 s. Watches have no
   * such limit.
   */
  timeoutMs?: number;
}

/** The largest accepted object. etcd stores at most 1.5 MiB for one object, and its JSON is somewhat larger. */
const MAX_OBJECT_BYTES = 8 * 1024 * 1024;
/** The largest accepted page of a list. A page has up to 500 objects. The limit protects the operator's memory. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** The largest accepted OpenAPI document. The largest one of Kubernetes, for apps/v1, has 1 MiB. */
const MAX_SCHEMA_BYTES = 32 * 1024 * 1024;

const applyPatch = "application/apply-patch+yaml"; // every JSON text is also YAML
const mergePatch = "application/merge-patch+json";

type SendForObject = (
  request: HttpRequest,
  resource: Pick<Resource, "kind">,
  name: string,
  signal: AbortSignal | undefined,
) => Promise<KubeObject>;
/** Sends a request, parses the response as JSON, and returns what the function `taken` makes of it. */
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
      // Ignore the body. It is the object if finalizers delay the deletion, and otherwise a Status.
      await json(request, MAX_OBJECT_BYTES, signal, () => undefined);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return false;
      // After a conflict (409), read the object and compare its uid. The response says only in its message whether the
      // uid differed, and messages may change.
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
    // When the caller leaves the loop early, Node destroys the response and its connection.
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
