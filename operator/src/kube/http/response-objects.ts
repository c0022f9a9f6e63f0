// Checks the content of a 200 response. Proxies and load balancers answer too, with pages, Statuses and other objects.
// If `{}` were taken as a list, every object would count as deleted.
import type { KubeObject } from "../../api/kube-object.ts";
import { ConnectionError } from "../errors.ts";
import type { ObjectList } from "../kube.ts";
import { apiVersionOf, type Resource } from "../resource.ts";

/** The requested object. Throws a ConnectionError for any other content. */
export function objectIn(answer: unknown, { kind }: Pick<Resource, "kind">, name: string): KubeObject {
  if (isObjectOf(kind, answer) && answer.metadata.name === name) return answer;
  throw new ConnectionError(`the response is not ${kind} ${name} but ${described(answer)}`);
}

/** One page of a list. Throws a ConnectionError for any other content. */
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
  // In a list of a built-in kind, the items lack the field `kind`. A Go server may encode an empty list as null.
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

/** The plurals of a group version, without subresources. Throws a ConnectionError for any other content. */
export function pluralsIn(answer: unknown): ReadonlySet<string> {
  const { kind, resources } = (answer ?? {}) as { kind?: unknown; resources?: unknown };
  if (kind !== "APIResourceList" || !(resources === null || Array.isArray(resources)))
    throw new ConnectionError(`the response is not an APIResourceList but ${described(answer)}`);
  const names = (resources ?? []).map((resource: { name?: unknown } | null) => resource?.name);
  return new Set(names.filter((name): name is string => typeof name === "string" && !name.includes("/")));
}

/** Whether a value is an object of that kind, with a name and a uid. */
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
