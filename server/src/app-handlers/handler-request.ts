import type { IncomingHttpHeaders } from "node:http";
import type { HookKind } from "../live-config/handler-entries.ts";
import type { Failure } from "./failure.ts";
import type { HandlerAnswer } from "./handler-answer.ts";

export type RequestKind = "event" | HookKind;

/** The fields of a request that describe the client. They change only when the client gets a new token. */
export interface CallerFields {
  /** The Socket.IO namespace. */
  namespace: string;
  socketId: string;
  /** Id of the client's session. It does not change when the client reconnects and is recovered. */
  sessionId: string;
  user: string;
  claims: Readonly<Record<string, unknown>>;
  /** Headers of the client's handshake. Do not trust them: the client chooses their values. */
  headers: Readonly<Record<string, string>>;
}

/**
 * The client for which a handler is called. The client's session keeps this object, so that the fields are encoded as
 * JSON only once.
 */
export class Caller {
  readonly fields: CallerFields;
  #text: string | undefined;
  #isFrozen = false;

  constructor(fields: CallerFields) {
    this.fields = fields;
  }

  /** The fields as JSON, without the outer braces. */
  get text(): string {
    return (this.#text ??= JSON.stringify(this.fields).slice(1, -1));
  }

  /**
   * The fields, for the module in this process, which must not change them. Freezing them once costs less than a copy
   * for each event.
   */
  get frozen(): Readonly<CallerFields> {
    if (!this.#isFrozen) freeze(this.fields);
    this.#isFrozen = true;
    return this.fields;
  }
}

export interface HandlerRequest {
  id: string;
  kind: RequestKind;
  /** The event's name. Set only for a request of kind `event`. */
  event?: string;
  /** The payload of the event or decision. No other code uses this object. */
  payload: unknown;
  /** Whether the client waits for an ack. */
  ack: boolean;
  /** Requests with the same key are sent one after another, in their order. Undefined: the order does not matter. */
  orderKey: object | undefined;
  caller: Caller;
  /** Returns the rooms that the client is in at the time of the call. */
  rooms: () => readonly string[];
}

export type Outcome = { answer: HandlerAnswer } | { failure: Failure };

/** Maximum length of a header's value. A header with a longer value is left out. */
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

/** A request as an object, for the module in this process. */
export function requestOf(
  { id, kind, event, ack, caller, rooms }: HandlerRequest,
  data: unknown,
  cluster: string,
): object {
  const { namespace, socketId, sessionId, user, claims, headers } = caller.frozen;
  const client = { namespace, socketId, sessionId, user, rooms: rooms(), claims, headers };
  return event === undefined
    ? { version: 1, id, kind, cluster, ack, data, ...client }
    : { version: 1, id, kind, cluster, event, ack, data, ...client };
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  for (const one of Object.values(value)) freeze(one);
  Object.freeze(value);
}

/**
 * The body of a request over HTTP. docs/handlers.md describes its format, which has a version number. `data` and
 * `cluster` are encoded as JSON already. The id needs no encoding: it has only letters, digits, `-` and `_`.
 */
export function bodyOf({ id, kind, event, ack, caller, rooms }: HandlerRequest, data: string, cluster: string): string {
  const name = event === undefined ? "" : `"event":${JSON.stringify(event)},`;
  const head = `{"version":1,"id":"${id}","kind":"${kind}","cluster":${cluster},${name}"ack":${ack}`;
  return `${head},"rooms":${JSON.stringify(rooms())},${caller.text},"data":${data}}`;
}
