import type { IncomingHttpHeaders } from "node:http";
import type { HookKind } from "../live-config/handler-entries.ts";
import type { Failure } from "./failure.ts";
import type { HandlerAnswer } from "./handler-answer.ts";

export type RequestKind = "event" | HookKind;

/** The client for which a handler is called, with its present rooms and claims. */
export interface Caller {
  /** The Socket.IO namespace. */
  namespace: string;
  socketId: string;
  /** Does not change when the client reconnects and is recovered. */
  sessionId: string;
  user: string;
  rooms: readonly string[];
  claims: Readonly<Record<string, unknown>>;
  /** Headers of the client's handshake. Do not trust them: the client chooses their values. */
  headers: Readonly<Record<string, string>>;
}

export interface HandlerRequest {
  id: string;
  kind: RequestKind;
  /** The event's name. Set only for a request of kind `event`. */
  event?: string;
  /** The payload, encoded as JSON. */
  data: string;
  /** Whether the client waits for an ack. */
  ack: boolean;
  /** Requests with the same key are sent one after another, in their order. Undefined: the order does not matter. */
  orderKey: object | undefined;
  caller: () => Caller;
}

export type Outcome = { answer: HandlerAnswer } | { failure: Failure };

/** A header with a longer value is left out. */
const MOST_HEADER_CHARACTERS = 4_096;

/** Picks the headers of a client's handshake that handlers get. */
export function headersFor(headers: IncomingHttpHeaders, names: readonly string[]): Readonly<Record<string, string>> {
  const given = names.map((name) => [name, headers[name]] as const);
  return Object.fromEntries(
    given.filter(
      (header): header is [string, string] =>
        typeof header[1] === "string" && header[1].length <= MOST_HEADER_CHARACTERS,
    ),
  );
}

/**
 * A request as an object, for the module in this process. Nothing else uses its parts, so the module can change them.
 */
export function requestOf({ id, kind, event, data, ack, caller }: HandlerRequest, cluster: string): object {
  const { claims, headers, ...client } = caller();
  const head = { version: 1, id, kind, cluster, ...(event === undefined ? {} : { event }), ack, ...client };
  return { ...head, claims: frozen(claims), headers: { ...headers }, data: JSON.parse(data) as unknown };
}

/**
 * Freezes the claims, because they belong to the connection and the module must not change them. Freezing them once
 * costs less than a copy for each event.
 */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const one of Object.values(value)) frozen(one);
  return Object.freeze(value);
}

/** The body of a request over HTTP. docs/handlers.md describes its format, which has a version number. */
export function bodyOf({ id, kind, event, data, ack, caller }: HandlerRequest, cluster: string): string {
  const { namespace, user, socketId, sessionId, rooms, claims, headers } = caller();
  const head = { version: 1, id, kind, cluster, namespace, event, ack, user, socketId, sessionId, rooms };
  // The payload is JSON already. Parsing and encoding it again would be the largest cost of an event.
  return `${JSON.stringify({ ...head, claims, headers }).slice(0, -1)},"data":${data}}`;
}
