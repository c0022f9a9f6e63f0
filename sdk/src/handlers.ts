import { HANDLERS, UnknownRequest, VERSION, type App } from "./app.ts";
import { contextOf, type Context } from "./context.ts";
import { errorOf, HandlerError } from "./handler-error.ts";
import type { Command, GoneSession, HandlerAnswer, HandlerRequest, HookName } from "./messages.ts";
import { checkedData } from "./checked-data.ts";
import type { InputOf, OutputOf, Schema } from "./standard-schema.ts";

export type { App } from "./app.ts";
export type { Context, Publication } from "./context.ts";
export type { Caller, Command, GoneSession, HandlerAnswer, HandlerRequest } from "./messages.ts";
export type { AdapterOptions } from "./answer-request.ts";
export { HandlerError } from "./handler-error.ts";
export { toFetch } from "./to-fetch.ts";
export { toNode } from "./to-node.ts";

/** The handler of an event. The client gets the return value of `handle` as its ack. */
export interface EventHandler<S, Ack, Sent> {
  /**
   * A Standard Schema (zod, valibot, arktype) for the event's data. If it refuses the data, the client gets
   * INVALID_INPUT.
   */
  schema?: S;
  handle(context: Context<Sent>, data: DataOf<S>): Ack | Promise<Ack>;
}

/**
 * Before the gateway lets a client connect, join a room or publish a message, it calls the hook of this name. The hook
 * allows this by returning, and refuses it by throwing a HandlerError.
 */
export interface Hooks<Sent> {
  connect(context: Context<Sent>): void | Promise<void>;
  join(context: Context<Sent>, data: { readonly room: string }): void | Promise<void>;
  publish(context: Context<Sent>, data: { readonly room: string; readonly message: unknown }): void | Promise<void>;
  /**
   * Called after sessions have ended. The gateway reports each session at least once, so the same session may come
   * twice. The clients have left, so this hook has no commands.
   */
  gone(
    context: Pick<Context, "id" | "cluster">,
    data: { readonly sessions: readonly GoneSession[] },
  ): void | Promise<void>;
}

/**
 * The type of one entry of the object that `handlers` takes. For a hook it is `unknown`, because Hooks already has its
 * type. In an object with only hooks, the compiler infers K as string.
 */
type Handler<K, S, Ack, Sent> = string extends K ? unknown : K extends HookName ? unknown : EventHandler<S, Ack, Sent>;
type DataOf<S> = S extends Schema ? OutputOf<S> : unknown;
type SentDataOf<S> = S extends Schema ? InputOf<S> : unknown;
type Calls<S, A> = {
  [K in Exclude<keyof S & keyof A, HookName>]: { data: SentDataOf<S[K]>; ack: A[K] extends void ? Done : A[K] };
};

/** The ack of an event whose handler returns nothing. */
export interface Done {
  success: true;
}

/**
 * The events that handlers send to clients: for each name, the type of its data. Use it as the type parameter of
 * `realtime` in the client package.
 */
export type EventsOf<T> = T extends App<unknown, infer Sent> ? { [E in keyof Sent]: Sent[E] } : never;
/** The events that clients send: for each name, the type of its data and the type of its ack. */
export type CallsOf<T> = T extends App<infer Called, unknown> ? Called : never;

const HOOK_NAMES: readonly string[] = ["connect", "join", "publish", "gone"] satisfies HookName[];
const EVENT_NAME = /^[A-Za-z0-9_:.-]{1,64}$/;

interface AnyHandler {
  schema?: unknown;
  handle: (context: Context, data: unknown) => unknown;
}
type AnyHook = (context: Context, data: unknown) => unknown;

/**
 * Combines the handlers of an application: one for each event or prefix (`order:*`), and hooks. For an event, an exact
 * name is preferred to a prefix, and a longer prefix to a shorter one.
 */
export function handlers<
  S extends Record<string, unknown>,
  A extends Record<string, unknown>,
  Sent = Record<string, unknown>,
>(
  given: Partial<Hooks<Sent>> & { [K in keyof S & keyof A]: Handler<K, S[K], A[K], Sent> },
  /**
   * Only for the compiler: `{ sends: {} as { "order:placed": Order } }` sets the types of the data that `emit` and
   * `publish` accept.
   */
  _types?: { sends: Sent },
): App<Calls<S, A>, Sent> {
  const entries = Object.entries(given as Record<string, unknown>);
  const hooks = new Map<string, AnyHook>();
  const events = new Map<string, AnyHandler>();
  for (const [name, value] of entries) {
    if (HOOK_NAMES.includes(name)) hooks.set(name, hookIn(name, value));
    else events.set(name, handlerIn(name, value));
  }
  if (entries.length === 0) throw new TypeError("handlers() got no handler: give it at least one event or hook");
  const prefixes = [...events.keys()].filter((name) => name.endsWith("*")).sort((a, b) => b.length - a.length);
  const handlerOf = (event: string): AnyHandler | undefined =>
    events.get(event) ?? events.get(prefixes.find((prefix) => event.startsWith(prefix.slice(0, -1))) ?? "");
  return {
    [HANDLERS]: VERSION,
    events: [...events.keys()],
    hooks: [...hooks.keys()] as HookName[],
    answer(request) {
      if (request.kind === "event") return answerEvent(request, handlerOf(request.event ?? ""));
      return answerHook(request, hooks.get(request.kind));
    },
  };
}

function hookIn(name: string, value: unknown): AnyHook {
  if (typeof value === "function") return value as AnyHook;
  throw new TypeError(`the hook ${name} must be a function (context, data)`);
}

function handlerIn(name: string, value: unknown): AnyHandler {
  if (!EVENT_NAME.test(name.replace(/\*$/, "")) && name !== "*")
    throw new TypeError(
      `the event ${name} must be 1 to 64 letters, digits or _ : . - characters, or such a prefix and *`,
    );
  const { schema, handle } = (value ?? {}) as Partial<AnyHandler>;
  if (typeof handle !== "function")
    throw new TypeError(`the event ${name} must have a function: { handle(context, data) {…} }`);
  const validate = (schema as Schema | undefined)?.["~standard"]?.validate;
  if (schema !== undefined && typeof validate !== "function")
    throw new TypeError(`the schema of ${name} must be a Standard Schema, such as one of zod 4, valibot or arktype`);
  return value as AnyHandler;
}

async function answerEvent(request: HandlerRequest, handler: AnyHandler | undefined): Promise<HandlerAnswer> {
  if (handler === undefined) throw new UnknownRequest(`the event ${String(request.event).slice(0, 64)}`);
  const { context, commands } = contextOf(request);
  try {
    // Await only a promise. With a schema that returns no promise, the handler starts in the same turn of the event
    // loop, and the gateway can measure how long it runs.
    const checked = handler.schema === undefined ? request.data : checkedData(handler.schema as Schema, request.data);
    const returned = handler.handle(context, checked instanceof Promise ? await checked : checked);
    const ack = isThenable(returned) ? await returned : returned;
    return answerWith(ack === undefined ? {} : { ack }, commands);
  } catch (error) {
    return answerWith({ error: errorIn(error) }, commands);
  }
}

async function answerHook(request: HandlerRequest, hook: AnyHook | undefined): Promise<HandlerAnswer> {
  if (hook === undefined) throw new UnknownRequest(`the hook ${String(request.kind).slice(0, 64)}`);
  const { context, commands } = contextOf(request);
  try {
    // Throw if the hook returns a value: an author who writes `return false` wants to refuse, but returning would
    // allow.
    if ((await hook(context, request.data)) !== undefined)
      throw new TypeError(`the hook ${request.kind} must return nothing: throw a HandlerError to refuse`);
    return answerWith({}, request.kind === "gone" ? [] : commands);
  } catch (error) {
    return answerWith({ error: errorIn(error) }, request.kind === "gone" ? [] : commands);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** Throws again what a handler threw by mistake. */
function errorIn(error: unknown): ReturnType<typeof errorOf> {
  if (error instanceof HandlerError) return errorOf(error);
  throw error;
}

function answerWith(answer: HandlerAnswer, commands: Command[]): HandlerAnswer {
  // A copy: the handler may still hold the context.
  return commands.length === 0 ? answer : { ...answer, do: [...commands] };
}
