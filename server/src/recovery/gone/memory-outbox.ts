import { MOST_GONE, MOST_GONE_AGE_MS, MOST_GONE_BATCH_BYTES, MOST_GONE_BYTES } from "./gone-bounds.ts";
import type { GoneEntry } from "./gone-session.ts";

interface Kept {
  text: string;
  dueMs: number;
  sinceMs: number;
}

/**
 * The outbox of ended sessions in this gateway's memory, for the time in which Redis cannot be used. It has the same
 * limits as the outbox in Redis.
 */
export class MemoryOutbox {
  readonly #kept = new Map<string, Kept>();
  readonly #nowMs: () => number;
  #bytes = 0;
  #dropped = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get count(): number {
    return this.#kept.size;
  }

  add({ id, dueInMs, text }: GoneEntry): void {
    if (this.#kept.has(id)) return;
    const nowMs = this.#nowMs();
    this.#kept.set(id, { text, dueMs: nowMs + dueInMs, sinceMs: nowMs });
    this.#bytes += text.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_GONE && this.#bytes <= MOST_GONE_BYTES) return;
      this.#drop(oldest);
    }
  }

  /** Returns up to `count` ended sessions that are due. They are not returned again for `leaseMs`. */
  take(count: number, leaseMs: number): { id: string; text: string }[] {
    const nowMs = this.#nowMs();
    const taken: { id: string; text: string }[] = [];
    let bytes = 0;
    for (const [id, kept] of this.#kept) {
      if (taken.length >= count) break;
      if (kept.dueMs > nowMs) continue;
      if (nowMs - kept.sinceMs > MOST_GONE_AGE_MS) {
        this.#drop(id);
        continue;
      }
      bytes += kept.text.length;
      if (bytes > MOST_GONE_BATCH_BYTES && taken.length > 0) break;
      kept.dueMs = nowMs + leaseMs;
      taken.push({ id, text: kept.text });
    }
    return taken;
  }

  postpone(ids: readonly string[], ms: number): void {
    const dueMs = this.#nowMs() + ms;
    for (const id of ids) {
      const kept = this.#kept.get(id);
      if (kept !== undefined) kept.dueMs = dueMs;
    }
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.#bytes -= this.#kept.get(id)?.text.length ?? 0;
      this.#kept.delete(id);
    }
  }

  /** The ended sessions that were added first, in the form in which they are moved to Redis. */
  oldest(count: number): GoneEntry[] {
    const nowMs = this.#nowMs();
    return [...this.#kept.entries()]
      .slice(0, count)
      .map(([id, { text, dueMs }]) => ({ id, text, dueInMs: Math.max(0, dueMs - nowMs) }));
  }

  /** Number of ended sessions that were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #drop(id: string): void {
    this.remove([id]);
    this.#dropped += 1;
  }
}
