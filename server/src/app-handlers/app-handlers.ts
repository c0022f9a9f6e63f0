import { createSecretKey, type KeyObject } from "node:crypto";
import type { LiveState } from "../live-config/live-state.ts";
import type { HandlerEntry, HookKind } from "../live-config/handler-entries.ts";
import { EVENT_NAME } from "../protocol/client-events.ts";
import { within } from "../observability/within.ts";
import type { Channel } from "./channel.ts";
import type { HandlerState } from "./failure-run.ts";
import { HandlerChannel, type ChannelDeps } from "./handler-channel.ts";
import type { HandlersModule } from "./module/handlers-module.ts";
import { ModuleHandlers } from "./module/module-handlers.ts";

export interface AppHandlersOptions extends Omit<ChannelDeps, "key" | "maxMessageBytes"> {
  /** The value of HANDLER_SECRET. While it is not set, the live configuration cannot have handlers. */
  secret: string | undefined;
  live: LiveState;
  /** The application's code that runs in this process. Undefined if there is none. */
  module?: HandlersModule | undefined;
}

/** When a stopping gateway has moved all its clients, it waits this long for handlers that have not answered yet. */
const LAST_ANSWERS_MS = 1_000;

/** All handlers of the application: those that the live configuration lists, and the module in this process. */
export class AppHandlers {
  readonly #deps: ChannelDeps;
  readonly #module: ModuleHandlers | undefined;
  #channels = new Map<string, HandlerChannel>();
  #exact = new Map<string, HandlerChannel>();
  #prefixes: readonly { prefix: string; channel: HandlerChannel; place: number }[] = [];
  #hooks = new Map<HookKind, HandlerChannel>();
  #places = new Map<HandlerChannel, number>();

  constructor({ secret, live, module, ...deps }: AppHandlersOptions) {
    this.#deps = { ...deps, key: keyOf(secret), maxMessageBytes: () => live.limits.maxMessageBytes };
    this.#module = module === undefined ? undefined : new ModuleHandlers(module, this.#deps);
    this.#configure(live.handlers);
    live.onChange(() => this.#configure(live.handlers));
  }

  /**
   * The handler of an event: the module if it handles this event, otherwise the first handler in the list whose event
   * names or prefixes match. Undefined if there is none.
   */
  channelOf(event: string): Channel | undefined {
    if (!EVENT_NAME.test(event)) return undefined;
    return this.#module?.channelOf(event) ?? this.#listed(event);
  }

  #listed(event: string): HandlerChannel | undefined {
    const exact = this.#exact.get(event);
    const before = exact === undefined ? Infinity : this.#places.get(exact)!;
    for (const { prefix, channel, place } of this.#prefixes) {
      if (place >= before) break;
      if (event.startsWith(prefix)) return channel;
    }
    return exact;
  }

  /** The handler that the gateway asks about decisions of this kind. Undefined if there is none. */
  hook(kind: HookKind): Channel | undefined {
    return this.#module?.hook(kind) ?? this.#hooks.get(kind);
  }

  /** The state of each handler, for the private API. */
  states(): HandlerState[] {
    const inImage = this.#module === undefined ? [] : [this.#module.channel.state];
    return [...inImage, ...[...this.#channels.values()].map(({ state }) => state)];
  }

  /** Waits a moment for handlers that have not answered yet, then ends all requests. */
  async stop(): Promise<void> {
    const channels = [...this.#channels.values()];
    const answering = [...channels, ...(this.#module === undefined ? [] : [this.#module.channel])];
    await within(LAST_ANSWERS_MS, Promise.all(answering.map((channel) => channel.idle())));
    await Promise.all(channels.map((channel) => channel.stop()));
  }

  /**
   * A handler that stays in the list keeps its channel. So the requests in the channel's queue are not lost and keep
   * their order.
   */
  #configure(entries: readonly HandlerEntry[]): void {
    const before = this.#channels;
    this.#channels = new Map(entries.map((entry) => [entry.name, before.get(entry.name) ?? this.#open(entry)]));
    const channels = [...this.#channels.values()];
    for (const [index, channel] of channels.entries()) channel.configure(entries[index]!);
    for (const [name, channel] of before) if (!this.#channels.has(name)) void channel.retire();
    this.#hooks = new Map(channels.flatMap((channel) => channel.entry.hooks.map((hook) => [hook, channel] as const)));
    this.#places = new Map(channels.map((channel, place) => [channel, place]));
    const claims = channels.flatMap((channel, place) =>
      channel.entry.events.map((event) => ({ event, channel, place })),
    );
    this.#exact = new Map(
      claims.filter(({ event }) => !event.endsWith("*")).map(({ event, channel }) => [event, channel]),
    );
    this.#prefixes = claims
      .filter(({ event }) => event.endsWith("*"))
      .map(({ event, ...rest }) => ({ ...rest, prefix: event.slice(0, -1) }));
  }

  #open(entry: HandlerEntry): HandlerChannel {
    return new HandlerChannel(entry, this.#deps);
  }
}

function keyOf(secret = ""): KeyObject {
  return createSecretKey(Buffer.from(secret));
}
