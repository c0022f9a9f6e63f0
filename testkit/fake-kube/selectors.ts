import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import { isObject } from "./list-shapes.ts";

/**
 * Whether an object matches a label selector. Supports `a=b`, `a==b`, `a!=b`, `a`, `!a`, `a in (b,c)` and `a notin
 * (b,c)`, joined by commas.
 */
export function matchesLabels(selector: string | undefined, { metadata }: KubeObject): boolean {
  const labels = metadata.labels ?? {};
  return partsOf(selector).every((part) => {
    const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(part);
    if (set)
      return (
        (set[3] ?? "")
          .split(",")
          .map((value) => value.trim())
          .includes(labels[set[1] ?? ""] ?? "") ===
        (set[2] === "in")
      );
    const [, key = "", operator, value] = /^(!?[^=!]+?)(?:\s*(!=|==?)\s*(.*))?$/.exec(part) ?? [];
    if (operator === undefined) return key.startsWith("!") ? !(key.slice(1) in labels) : key in labels;
    return (labels[key] === value) === (operator !== "!=");
  });
}

/**
 * Whether an object matches a field selector such as `metadata.name=a`. Any path works here. A real server accepts only
 * some paths for each kind.
 */
export function matchesFields(selector: string | undefined, object: KubeObject): boolean {
  return partsOf(selector).every((part) => {
    const [, path = "", operator, value] = /^([^=!]+)(!=|==?)(.*)$/.exec(part) ?? [];
    const found = path.split(".").reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), object);
    return (String((found as string | undefined) ?? "") === value) === (operator !== "!=");
  });
}

function partsOf(selector: string | undefined): string[] {
  return (selector ?? "")
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
