// What an answer of 200 holds is looked at before anybody acts on it: proxies and load balancers answer too, with pages, statuses
// and other people's objects, and an empty object that is taken for a list would tell that everything was deleted.
import type { KubeObject } from "../../api/kube-object.ts";
import { ConnectionError } from "../errors.ts";
import type { ObjectList } from "../kube.ts";
import { apiVersionOf, type Resource } from "../resource.ts";

/** The object that was asked for. Throws a ConnectionError for anything else. */
export function objectIn(answer: unknown, { kind }: Pick<Resource, "kind">, name: string): KubeObject {
  if (isObjectOf(kind, answer) && answer.metadata.name === name) return answer;
  throw new ConnectionError(`the answer is not ${kind} ${name} but ${described(answer)}`);
}

/** One page of a list. Throws a ConnectionError for anything else. */
export function listIn(answer: unknown, resource: Resource): ObjectList {
  const { kind, metadata, items } = (answer ?? {}) as {
    kind?: unknown;
    metadata?: { resourceVersion?: unknown; continue?: unknown } | null;
    items?: unknown;
  };
  const resourceVersion = metadata?.resourceVersion;
  const next = metadata?.continue;
  if (
    kind !== `${resource.kind}List` ||
    typeof resourceVersion !== "string" ||
    resourceVersion === "" ||
    !(items === null || Array.isArray(items))
  ) {
    throw new ConnectionError(`the answer is not a list of ${resource.plural} but ${described(answer)}`);
  }
  // Items of built-in kinds come without their kind; a list without items is null where a server is written in Go.
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
    ...(typeof next === "string" && next !== "" ? { continue: next } : {}),
  };
}

/** The plurals of a group version, without subresources. Throws a ConnectionError for anything else. */
export function pluralsIn(answer: unknown): ReadonlySet<string> {
  const { kind, resources } = (answer ?? {}) as { kind?: unknown; resources?: unknown };
  if (kind !== "APIResourceList" || !(resources === null || Array.isArray(resources)))
    throw new ConnectionError(`the answer is not a list of kinds but ${described(answer)}`);
  const names = (resources ?? []).map((resource: { name?: unknown } | null) => resource?.name);
  return new Set(names.filter((name): name is string => typeof name === "string" && !name.includes("/")));
}

/** Whether something is an object of that kind with what makes it one: a name and a uid. */
export function isObjectOf(kind: string, value: unknown): value is KubeObject {
  const object = (value ?? {}) as { kind?: unknown; metadata?: { name?: unknown; uid?: unknown } | null };
  return object.kind === kind && typeof object.metadata?.name === "string" && typeof object.metadata.uid === "string";
}

function described(answer: unknown): string {
  const { kind, metadata } = (answer ?? {}) as { kind?: unknown; metadata?: { name?: unknown } | null };
  if (typeof kind !== "string") return "JSON of no kind";
  return [kind, metadata?.name]
    .filter((word) => typeof word === "string")
    .join(" ")
    .slice(0, 200);
}
