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
  /** From sending a request to the end of its answer; beyond it a ConnectionError. Default 30 s. Not for watches. */
  timeoutMs?: number;
}

/** An object has at most 1.5 MiB in etcd, and JSON of it somewhat more. */
const maxObjectBytes = 8 * 1024 * 1024;
/** A page of 500 objects. More than this is a mistake of somebody's, and would take the operator's memory with it. */
const maxListBytes = 64 * 1024 * 1024;
/** The biggest schema of Kubernetes itself, apps/v1, has 1 MiB. */
const maxSchemaBytes = 32 * 1024 * 1024;

const applyPatch = "application/apply-patch+yaml"; // JSON is YAML
const mergePatch = "application/merge-patch+json";

/** The verbs over HTTP. */
export function httpKube(connection: Connection, { timeoutMs = 30_000 }: HttpKubeOptions = {}): Kube {
  const client = new HttpClient(connection);
  const json = <T>(
    request: HttpRequest,
    maxBytes: number,
    outer: AbortSignal | undefined,
    taken: (answer: unknown) => T,
  ): Promise<T> =>
    withTimeLimit(
      timeoutMs,
      () => new ConnectionError(`${request.method} ${request.path}: no answer within ${timeoutMs / 1000} s`),
      outer,
      (signal) => client.json(request, maxBytes, signal, taken),
    );
  const one = (request: HttpRequest, resource: Pick<Resource, "kind">, name: string, signal: AbortSignal | undefined) =>
    json(request, maxObjectBytes, signal, (answer) => objectIn(answer, resource, name));

  const get: Kube["get"] = (resource, namespace, name, signal) =>
    unless404(one({ method: "GET", path: pathOf(resource, { namespace, name }) }, resource, name, signal));

  return {
    get,
    list: (resource, { namespace, ...options }, signal) =>
      json(
        { method: "GET", path: pathOf(resource, { namespace }), query: listQuery(options) },
        maxListBytes,
        signal,
        (answer) => listIn(answer, resource),
      ),
    watch: (resource, options, signal) => watch(client, resource, options, signal),
    apply(resource, object, options = {}, signal) {
      const { namespace, name } = object.metadata;
      const query = {
        fieldManager: options.fieldManager ?? fieldManager,
        force: true,
        fieldValidation: "Strict",
        dryRun: options.dryRun ? "All" : undefined,
      };
      return one(
        {
          method: "PATCH",
          path: pathOf(resource, { namespace, name, subresource: options.subresource }),
          query,
          body: object,
          contentType: applyPatch,
        },
        options.subresource === "scale" ? { kind: "Scale" } : resource,
        name,
        signal,
      );
    },
    create: (resource, object, signal) =>
      one(
        {
          method: "POST",
          path: pathOf(resource, { namespace: object.metadata.namespace }),
          query: { fieldManager, fieldValidation: "Strict" },
          body: object,
        },
        resource,
        object.metadata.name,
        signal,
      ),
    replace(resource, object, signal) {
      const { namespace, name } = object.metadata;
      return one(
        {
          method: "PUT",
          path: pathOf(resource, { namespace, name }),
          query: { fieldManager, fieldValidation: "Strict" },
          body: object,
        },
        resource,
        name,
        signal,
      );
    },
    mergePatch: (resource, namespace, name, patch, signal) =>
      one(
        {
          method: "PATCH",
          path: pathOf(resource, { namespace, name }),
          query: { fieldManager, fieldValidation: "Strict" },
          body: patch,
          contentType: mergePatch,
        },
        resource,
        name,
        signal,
      ),
    async remove(resource, object, { propagation = "Background" } = {}, signal) {
      const { namespace, name, uid } = object.metadata;
      const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: propagation, preconditions: { uid } };
      try {
        // Answered with the object or with a Status, as its finalizers have it.
        await json(
          { method: "DELETE", path: pathOf(resource, { namespace, name }), body },
          maxObjectBytes,
          signal,
          () => undefined,
        );
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.status === 404) return false;
        // A conflict says in prose only whether it was the uid. Whoever is there now tells.
        if (error.status === 409 && (await get(resource, namespace, name, signal))?.metadata.uid !== uid) return false;
        throw error;
      }
    },
    discover: (group, version, signal) =>
      unless404(json({ method: "GET", path: groupVersionPath(group, version) }, maxSchemaBytes, signal, pluralsIn)),
    openapi: (group, version, signal) =>
      unless404(
        json(
          { method: "GET", path: `/openapi/v3${groupVersionPath(group, version)}` },
          maxSchemaBytes,
          signal,
          (answer) => answer,
        ),
      ),
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
    // Leaving the loop early, by an error or by the consumer's break, destroys the response and its connection.
    for await (const line of jsonLines(response as AsyncIterable<Buffer>, maxObjectBytes)) {
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
