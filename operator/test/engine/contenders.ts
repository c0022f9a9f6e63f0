import type { Clock } from "../../src/engine/clock.ts";
import { LeaseElection } from "../../src/engine/lease-election.ts";
import type { LeaseRecord, LeaseStore } from "../../src/engine/lease-store.ts";

/** A store of one lease. It refuses a write whose version is not the stored version, as the API server does. */
export class Store {
  record: LeaseRecord | undefined;
  #version = 0;
  /**
   * What happens to each request of a process. "late": the store carries out the request, but the process gets no
   * answer.
   */
  fate: (who: string, what: "read" | "write") => "works" | "fails" | "hangs" | "late" = () => "works";

  for(who: string): LeaseStore {
    return {
      read: (signal) => this.#answer(who, "read", signal, () => this.record),
      write: (record, signal) =>
        this.#answer(who, "write", signal, () => {
          if (record.version !== this.record?.version) return undefined;
          return (this.record = { ...record, version: String(++this.#version) });
        }),
    };
  }

  async #answer<T>(who: string, what: "read" | "write", signal: AbortSignal, effect: () => T): Promise<T> {
    const fate = this.fate(who, what);
    if (fate === "fails") throw new Error("the API server is away");
    const result = fate === "hangs" ? undefined : effect();
    if (fate === "works") return result as T;
    return new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  }
}

/** A clock that shows a wrong time. Its waits have the correct length. */
export function skewed(clock: Clock, byMs: () => number): Clock {
  return { now: () => clock.now() + byMs(), wait: (ms, signal) => clock.wait(ms, signal) };
}

export function contender(identity: string, store: Store, clock: Clock, random = 0) {
  const stop = new AbortController();
  const state = { isLeading: false, terms: 0, troubles: 0 };
  const election = new LeaseElection({
    store: store.for(identity),
    identity,
    clock,
    random: () => random,
    onTrouble: () => state.troubles++,
  });
  const lead = async (signal: AbortSignal) => {
    state.isLeading = true;
    state.terms++;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    state.isLeading = false;
  };
  const ended = (async () => {
    while (!stop.signal.aborted) await election.run(lead, stop.signal);
  })();
  return { state, stop: () => (stop.abort(), ended) };
}
