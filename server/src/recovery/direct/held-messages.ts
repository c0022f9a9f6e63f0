import type { Message } from "../message-ring.ts";

/** Maximum number of messages that wait for an earlier one. */
const MOST_HELD = 10_000;
/** Ticks to wait for an earlier message, which the log or its sender may still bring. */
const PATIENT_TICKS = 3;

/** Messages that came without the log before an earlier message of their origin. */
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

  /** Takes the message after number `seen` of an origin. Drops those up to it. */
  takeNext(origin: string, seen: number): Message | undefined {
    const held = this.#byOrigin.get(origin);
    if (held === undefined) return undefined;
    // Nearly always in ascending order: the numbers of one sender come in the order in which it sent them.
    for (const number of held.messages.keys()) {
      if (number > seen) break;
      this.#remove(origin, number);
    }
    const next = held.messages.get(seen + 1);
    if (next !== undefined) this.#remove(origin, next.number);
    return next;
  }

  /** Takes the earliest message of each origin that has waited long enough, or of every origin when `isFull`. */
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

  /** Takes all messages, those of each origin in their order. */
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
