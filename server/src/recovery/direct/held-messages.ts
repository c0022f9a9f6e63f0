import type { Message } from "../message-ring.ts";

/** Maximum number of messages that wait for an earlier one. */
const MOST_HELD = 10_000;
/** How many ticks a message waits for an earlier one, which can still arrive from the log or from its sender. */
const PATIENT_TICKS = 3;

/**
 * Messages that were published without the log and arrived before an earlier message of the same origin. They wait for
 * it.
 */
export class HeldMessages {
  readonly #byOrigin = new Map<string, { messages: Map<number, Message>; ticks: number }>();
  #count = 0;

  get isFull(): boolean {
    return this.#count >= MOST_HELD;
  }

  hold(message: Message): void {
    const held = this.#byOrigin.get(message.origin) ?? { messages: new Map<number, Message>(), ticks: 0 };
    this.#byOrigin.set(message.origin, held);
    if (!held.messages.has(message.number)) this.#count += 1;
    held.messages.set(message.number, message);
  }

  /** Removes and returns the message of this origin whose number is `seen + 1`. Drops messages with lower numbers. */
  takeNext(origin: string, seen: number): Message | undefined {
    const held = this.#byOrigin.get(origin);
    if (held === undefined) return undefined;
    // The numbers are nearly always in ascending order, because messages arrive in the order in which they were sent.
    for (const number of held.messages.keys()) {
      if (number > seen) break;
      this.#remove(origin, number);
    }
    const next = held.messages.get(seen + 1);
    if (next !== undefined) this.#remove(origin, next.number);
    return next;
  }

  /** Removes and returns the first message of each origin that has waited long enough; if `isFull`, of every origin. */
  takeOverdue(): Message[] {
    return [...this.#byOrigin].flatMap(([origin, held]) => {
      held.ticks += 1;
      if (held.ticks <= PATIENT_TICKS && !this.isFull) return [];
      held.ticks = 0;
      const first = Math.min(...held.messages.keys());
      const message = held.messages.get(first)!;
      this.#remove(origin, first);
      return [message];
    });
  }

  /** Removes and returns all messages. The messages of each origin are in order. */
  takeAll(): Message[] {
    const all = [...this.#byOrigin.values()].flatMap(({ messages }) => [...messages.values()]);
    this.#byOrigin.clear();
    this.#count = 0;
    return all.sort((one, other) => one.number - other.number);
  }

  #remove(origin: string, number: number): void {
    const held = this.#byOrigin.get(origin)!;
    if (held.messages.delete(number)) this.#count -= 1;
    if (held.messages.size === 0) this.#byOrigin.delete(origin);
  }
}
