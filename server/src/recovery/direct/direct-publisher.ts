import type { Entry } from "../message-ring.ts";
import { lateMessage } from "../redis/log-entries.ts";

/** Publishes a message to all gateways. Resolves to whether a Redis accepted it. Never rejects. */
export type PublishPort = (channel: string, message: Buffer) => Promise<boolean>;

/** Maximum number of messages that are kept for another attempt. */
const MOST_UNSENT = 1_000;

/**
 * Publishes this gateway's numbered messages without the log, and tries again if no Redis accepted them. Until the
 * other gateways have a missing message, they hold later messages of this gateway back.
 */
export class DirectPublisher {
  readonly #channel: string;
  #publish: PublishPort = () => Promise.resolve(false);
  #unsent: Entry[] = [];
  #isRetrying = false;

  constructor(channel: string) {
    this.#channel = channel;
  }

  through(publish: PublishPort): void {
    this.#publish = publish;
  }

  publish(entry: Entry): void {
    void this.#send(entry).then((isSent) => isSent || this.keep(entry));
  }

  /** Keeps a message that no Redis accepted, for another attempt. */
  keep(entry: Entry): void {
    this.#unsent.push(entry);
    if (this.#unsent.length > MOST_UNSENT) this.#unsent.shift();
  }

  /** Forgets the kept messages, because the log can be used again and the other gateways get the messages from it. */
  forget(): void {
    this.#unsent = [];
  }

  /** Publishes the kept messages again. Must be called every second while the log cannot be used. */
  async retry(): Promise<void> {
    if (this.#isRetrying || this.#unsent.length === 0) return;
    this.#isRetrying = true;
    const entries = this.#unsent.toSorted((one, other) => one.number - other.number);
    this.#unsent = [];
    let sent = 0;
    while (sent < entries.length && (await this.#send(entries[sent]!))) sent += 1;
    for (const entry of entries.slice(sent)) this.keep(entry);
    this.#isRetrying = false;
  }

  #send(entry: Entry): Promise<boolean> {
    return this.#publish(this.#channel, lateMessage(entry, this.#channel).message);
  }
}
