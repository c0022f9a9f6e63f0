import type { HandlerAnswer, HandlerRequest, HookName } from "./messages.ts";

/** Marks the object that `handlers` returns. A gateway that loads a module finds the object by this symbol. */
export const HANDLERS: unique symbol = Symbol.for("realtime-operator.handlers");

/** The version of requests, answers and of the object below. */
export const VERSION = 1;

/** The application's handlers, as adapters and gateways call them. */
export interface App<Calls = unknown, Sent = unknown> {
  readonly [HANDLERS]: typeof VERSION;
  /** Names of events, and prefixes that end in `*`. */
  readonly events: readonly string[];
  readonly hooks: readonly HookName[];
  /** Rejects with what a handler threw, or with an UnknownRequest. */
  answer(request: HandlerRequest): Promise<HandlerAnswer>;
  /** Only for the compiler. */
  readonly types?: { calls: Calls; sent: Sent };
}

/** The gateway asked about something for which there is no handler: its configuration names too much. */
export class UnknownRequest extends Error {
  constructor(what: string) {
    super(`there is no handler for ${what}`);
    this.name = "UnknownRequest";
  }
}
