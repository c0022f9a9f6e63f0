// Checks the content of a response with status 200. Proxies and load balancers may answer instead of the API server,
// with a page, a Status or another object. If the operator accepted `{}` as an empty list, it would regard every object
// as deleted.
import type { KubeObject } from "../../api/kube-object.ts";
import { ConnectionError } from "../errors.ts";
import type { ObjectList } from "../kube.ts";
import { apiVersionOf, type Resource } from "../resource.ts";

/** The requested object. Throws a ConnectionError when the response is anything else. */
export function objectIn(answer: unknown, { kind }: Pick<Resource, "kind">, name: string): KubeObject {
  if (isObjectOf(kind, answer) && answer.metadata.name === name) return answer;
  throw new ConnectionError(`the response is not ${kind} ${name} but ${described(answer)}`);
}

/** One page of a list. Throws a ConnectionError when the response is anything else. */
export function listIn(answer: unknown, resource: Resource): ObjectList {
  const { kind, metadata, items } = (answer ?? {}) as {
    kind?: unknown;
    metadata?: { resourceVersion?: unknown; continue?: unknown } | null;
    items?: unknown;
  };
  const resourceVersion = textOf(metadata?.resourceVersion);
  const next = textOf(metadata?.continue);
  const isList = kind === `${resource.kind}List` && (items === null || Array.isArray(items));
  if (!isList || resourceVersion === undefined)
    throw new ConnectionError(`the response is not a list of ${resource.plural} but ${described(answer)}`);
  // The items of a list of a built-in kind have no field `kind`, so add it. An empty list may be null, because servers
  // written in Go encode it so.
  const objects = (items ?? []).map((item: object | null) => ({
    ...item,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
  }));
  const strange = objects.find((object) => !isObjectOf(resource.kind, object));
  if (strange !== undefined)
    throw new ConnectionError(`the list of ${resource.plural} has an item without a name or uid`);
  return {
    items: objects as unknown as KubeObject[],
    resourceVersion,
    ...(next === undefined ? {} : { continue: next }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * The plurals of a group version, without subresources. Throws a ConnectionError when the response is anything else.
 */
export function pluralsIn(answer: unknown): ReadonlySet<string> {
  const { kind, resources } = (answer ?? {}) as { kind?: unknown; resources?: unknown };
  if (kind !== "APIResourceList" || !(resources === null || Array.isArray(resources)))
    throw new ConnectionError(`the response is not an APIResourceList but ${described(answer)}`);
  const names = (resources ?? []).map((resource: { name?: unknown } | null) => resource?.name);
  return new Set(names.filter((name): name is string => typeof name === "string" && !name.includes("/")));
}

/** Whether the value is a Kubernetes object of this kind, with a name and a uid. */
export function isObjectOf(kind: string, value: unknown): value is KubeObject {
  const object = (value ?? {}) as { kind?: unknown; metadata?: { name?: unknown; uid?: unknown } | null };
  return object.kind === kind && typeof object.metadata?.name === "string" && typeof object.metadata.uid === "string";
}

function described(answer: unknown): string {
  const { kind, metadata } = (answer ?? {}) as { kind?: unknown; metadata?: { name?: unknown } | null };
  if (typeof kind !== "string") return "JSON without a kind";
  return [kind, metadata?.name]
    .filter((word) => typeof word === "string")
    .join(" ")
    .slice(0, 200);
}
