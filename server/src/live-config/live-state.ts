import { hashOf, parseLiveConfig, roomPolicy, type LiveConfig, type RoomPolicy } from "./live-config.ts";
import type { Limits } from "../protocol/limits.ts";

export type ApplyAnswer =
  { applied: true } | { applied: false; why: "older" } | { applied: false; why: "invalid"; problem: string };

/** The current live configuration, and listeners for its changes. */
export class LiveState {
  #config: LiveConfig;
  #hash: string;
  readonly #listeners: ((config: LiveConfig) => void)[] = [];

  constructor(config: LiveConfig) {
    this.#config = config;
    this.#hash = hashOf(config);
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

  /** The answer to GET and PUT /config. */
  get document(): LiveConfig & { hash: string } {
    return { ...this.#config, hash: this.#hash };
  }

  onChange(listener: (config: LiveConfig) => void): void {
    this.#listeners.push(listener);
  }

  /** Applies a body unless it is invalid or older than the current configuration. */
  apply(body: unknown): ApplyAnswer {
    const answer = parseLiveConfig(body, this.#config);
    if ("problem" in answer) return { applied: false, why: "invalid", problem: answer.problem };
    if (answer.config.generation < this.#config.generation) return { applied: false, why: "older" };
    const hash = hashOf(answer.config);
    if (hash === this.#hash) return { applied: true };
    this.#config = answer.config;
    this.#hash = hash;
    for (const listener of this.#listeners) listener(answer.config);
    return { applied: true };
  }
}
