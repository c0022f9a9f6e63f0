import type { KubeObject } from "../../api/kube-object.ts";
import { isObjectOf } from "./response-objects.ts";
import { ConnectionError } from "../errors.ts";
import type { WatchEvent } from "../kube.ts";

/** Parses one line of a watch as an event. Throws a ConnectionError for a line that no API server would send. */
export function watchEventOf(line: unknown, kind: string): WatchEvent {
  const { type, object } = (line ?? {}) as { type?: unknown; object?: EventObject };
  const event = eventOf(type, object, kind);
  if (event === undefined) throw new ConnectionError(`an invalid watch event of type ${JSON.stringify(type)}`);
  return event;
}

type EventObject = KubeObject & { code?: unknown; reason?: unknown; message?: unknown };

function eventOf(type: unknown, object: EventObject | undefined, kind: string): WatchEvent | undefined {
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return isObjectOf(kind, object) ? { type, object } : undefined;
    case "BOOKMARK":
      return bookmarkOf(object);
    case "ERROR":
      return errorOf(object);
    default:
      return undefined;
  }
}

function bookmarkOf(object: EventObject | undefined): WatchEvent | undefined {
  const resourceVersion: unknown = object?.metadata?.resourceVersion;
  return typeof resourceVersion === "string"
    ? { type: "BOOKMARK", object: { metadata: { resourceVersion } } }
    : undefined;
}

function errorOf(object: EventObject | undefined): WatchEvent {
  const { code, reason, message } = object ?? {};
  return {
    type: "ERROR",
    code: Number(code ?? 0),
    reason: textOf(reason) ?? "Unknown",
    message: textOf(message) ?? "no reason given",
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
