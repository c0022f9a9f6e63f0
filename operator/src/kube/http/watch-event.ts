import type { KubeObject } from "../../api/kube-object.ts";
import { isObjectOf } from "./response-objects.ts";
import { ConnectionError } from "../errors.ts";
import type { WatchEvent } from "../kube.ts";

/** One line of a watch of that kind as an event. Throws a ConnectionError for what no API server sends. */
export function watchEventOf(line: unknown, kind: string): WatchEvent {
  const { type, object } = (line ?? {}) as {
    type?: unknown;
    object?: KubeObject & { code?: unknown; reason?: unknown; message?: unknown };
  };
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      if (isObjectOf(kind, object)) return { type, object };
      break;
    case "BOOKMARK":
      if (typeof object?.metadata?.resourceVersion === "string")
        return { type, object: { metadata: { resourceVersion: object.metadata.resourceVersion } } };
      break;
    case "ERROR":
      return {
        type,
        code: Number(object?.code ?? 0),
        reason: textOf(object?.reason) ?? "Unknown",
        message: textOf(object?.message) ?? "no reason given",
      };
  }
  throw new ConnectionError(`a watch event of type ${JSON.stringify(type)} that is none`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
