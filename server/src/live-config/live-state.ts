import {
  hashOf,
  newerFields,
  parseLiveConfig,
  roomPolicy,
  type LiveConfig,
  type RoomPolicy,
  type SentConfig,
} from "./live-config.ts";
import type { Limits } from "../protocol/limits.ts";
import { withDefaults, type HandlerEntry } from "./handler-entries.ts";

export type ApplyAnswer =
  { applied: true } | { applied: false; why: "older" } | { applied: false; why: "invalid"; problem: string };

/** The present live configuration. It calls listeners when it changes. */
export class LiveState {
  #config: LiveConfig;
  #hash: string;
  readonly #listeners: ((config: LiveConfig) => void)[] = [];
  readonly #canSign: boolean;

  /** `canSign`: HANDLER_SECRET is set. Without it, requests to handlers cannot be signed, so handlers are refused. */
  constructor(config: LiveConfig, { canSign = false } = {}) {
    this.#config = config;
    this.#hash = hashOf(config);
    this.#canSign = canSign;
  }

  get config(): LiveConfig {
    return this.#config;
  }

  get limits(): Limits {
    return this.#config.limits;
  }

  get roomPolicy(): RoomPolicy {
    return roomPolicy(this.#config);
  }

  /** The application's handlers. Missing fields have their defaults. */
  get handlers(): readonly HandlerEntry[] {
    return (this.#config.handlers ?? []).map(withDefaults);
  }

  /** The answer to GET and PUT /config. */
  get document(): LiveConfig & { hash: string } {
    return { ...this.#config, hash: this.#hash };
  }

  onChange(listener: (config: LiveConfig) => void): void {
    this.#listeners.push(listener);
  }

  /** Applies a configuration unless it is invalid or older than the present one. */
  apply(body: unknown): ApplyAnswer {
    const answer = parseLiveConfig(body, this.#config);
    if ("problem" in answer) return { applied: false, why: "invalid", problem: answer.problem };
    if (!this.#canSign && (answer.config.handlers?.length ?? 0) > 0)
      return {
        applied: false,
        why: "invalid",
        problem: "handlers need HANDLER_SECRET: set it and restart the gateway",
      };
    if (answer.config.generation < this.#config.generation) return { applied: false, why: "older" };
    const hash = hashOf(withoutUnsent(answer.config, body as SentConfig));
    if (hash === this.#hash) return { applied: true };
    this.#config = answer.config;
    this.#hash = hash;
    for (const listener of this.#listeners) listener(answer.config);
    return { applied: true };
  }
}

/** Leaves out newer fields that the body does not have, because its sender does not know them. */
function withoutUnsent(config: LiveConfig, body: SentConfig): SentConfig {
  const known: SentConfig = { ...config };
  for (const field of newerFields) if (body[field] === undefined) delete known[field];
  return known;
}
