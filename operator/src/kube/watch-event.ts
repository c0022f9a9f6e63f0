import type { KubeObject } from "../api/kube-object.ts";
import { ConnectionError } from "./errors.ts";
import type { WatchEvent } from "./kube.ts";

/** One line of a watch as an event. Throws a ConnectionError for what no API server sends. */
export function watchEventOf(line: unknown): WatchEvent {
  const { type, object } = (line ?? {}) as { type?: unknown; object?: KubeObject & { code?: number; reason?: string; message?: string } };
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      if (typeof object?.metadata?.name === "string") return { type, object };
      break;
    case "BOOKMARK":
      if (typeof object?.metadata?.resourceVersion === "string") return { type, object: { metadata: { resourceVersion: object.metadata.resourceVersion } } };
      break;
    case "ERROR":
      return { type, code: object?.code ?? 0, reason: object?.reason ?? "Unknown", message: object?.message ?? "" };
  }
  throw new ConnectionError(`a watch event of type ${JSON.stringify(type)} that is none`);
}
