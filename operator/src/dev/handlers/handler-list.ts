import type { Spec } from "../../api/realtime-cluster.ts";
import type { Handled } from "../handler-host/host-message.ts";

type Entry = Spec["handlers"][number];

/** The list for a resource without spec.handlers: one entry with all that the file handles. */
export function entriesFor({ events, hooks }: Handled): object[] {
  // The URL only makes the entry valid. `realtime dev` replaces the URL of every entry.
  return [{ name: "handlers", url: "http://localhost/", ...(events.length > 0 ? { events } : {}), hooks }];
}

/**
 * Differences between the file and spec.handlers, as sentences. An event in only one of them never gets an answer, and
 * neither the file nor the resource alone shows it.
 */
export function differences(entries: readonly Entry[], handled: Handled, file: string): string[] {
  const listed = entries.flatMap(({ events, hooks }) => [...events, ...hooks]);
  const known = [...handled.events, ...handled.hooks];
  const missing = listed.filter((name) => !known.some((one) => covers(one, name) || covers(name, one)));
  const extra = known.filter((name) => !listed.some((one) => covers(one, name) || covers(name, one)));
  return [
    ...missing.map((name) => `spec.handlers lists ${name}, but ${file} does not handle it`),
    ...extra.map((name) => `${file} handles ${name}, but spec.handlers does not list it, so gateways do not send it`),
  ];
}

/** Whether a name, or a prefix that ends in `*`, matches another name or prefix. */
function covers(pattern: string, name: string): boolean {
  return pattern === name || (pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1)));
}
