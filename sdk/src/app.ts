import type { HandlerAnswer, HandlerRequest, HookName } from "./messages.ts";

/**
 * The key of a property that marks the object that `handlers` returns. A gateway that loads a module finds the object
 * by it.
 */
export const HANDLERS: unique symbol = Symbol.for("realtime-operator.handlers");

/** The version of the format of requests and answers, and of the type App. */
export const VERSION = 1;

/** All handlers of an application. Adapters and gateways call them through this object. */
export interface App<Calls = unknown, Sent = unknown> {
  readonly [HANDLERS]: typeof VERSION;
  /** The events that have a handler: names, and prefixes that end in `*`. */
  readonly events: readonly string[];
  readonly hooks: readonly HookName[];
  /** Runs the handler for a request. Rejects with the error that the handler throws, or with an UnknownRequest. */
  answer(request: HandlerRequest): Promise<HandlerAnswer>;
  /** Only for the compiler. */
  readonly types?: { calls: Calls; sent: Sent };
}

/**
 * There is no handler for the event or hook of this request. The gateway's configuration names more events than the
 * application handles.
 */
export class UnknownRequest extends Error {
  constructor(what: string) {
    super(`there is no handler for ${what}`);
    this.name = "UnknownRequest";
  }
}
