import type { HookKind } from "../../live-config/handler-entries.ts";
import type { HandlersModule } from "./handlers-module.ts";
import { ModuleChannel, type ModuleChannelDeps } from "./module-channel.ts";

/** The application's handlers that run in this process. */
export class ModuleHandlers {
  readonly channel: ModuleChannel;
  readonly #events: ReadonlySet<string>;
  readonly #prefixes: readonly string[];
  readonly #hooks: ReadonlySet<HookKind>;

  constructor(module: HandlersModule, deps: ModuleChannelDeps) {
    this.channel = new ModuleChannel(module, deps);
    this.#events = new Set(module.events);
    this.#prefixes = module.events.filter((event) => event.endsWith("*")).map((event) => event.slice(0, -1));
    this.#hooks = new Set(module.hooks);
  }

  channelOf(event: string): ModuleChannel | undefined {
    const isHandled = this.#events.has(event) || this.#prefixes.some((prefix) => event.startsWith(prefix));
    return isHandled ? this.channel : undefined;
  }

  hook(kind: HookKind): ModuleChannel | undefined {
    return this.#hooks.has(kind) ? this.channel : undefined;
  }
}
