import { ApiError, ConnectionError } from "../../src/kube/errors.ts";
import type { Kube } from "../../src/kube/kube.ts";

/**
 * The faults that a test can cause in one request of the operator, by name. "before": the request has no effect.
 * "after": it takes effect, and then fails.
 */
export const faults = {
  conflict: {
    when: "before",
    error: () => new ApiError("the object has been modified", { status: 409, reason: "Conflict" }),
  },
  "too many requests": {
    when: "before",
    error: () => new ApiError("too many requests", { status: 429, reason: "TooManyRequests", retryAfterMs: 1000 }),
  },
  "internal error": {
    when: "before",
    error: () => new ApiError("internal error", { status: 500, reason: "InternalError" }),
  },
  reset: { when: "before", error: () => new ConnectionError("socket hang up") },
  "timeout after it took effect": { when: "after", error: () => new ConnectionError("no answer within 30 s") },
} as const satisfies Record<string, { when: "before" | "after"; error: () => Error }>;

export type Fault = keyof typeof faults | "crash before" | "crash after";

/** Which request fails, and how. `at` is the number of the request; all other requests succeed. */
export interface FaultPlan {
  at: number;
  fault: Fault;
}

const writes: readonly string[] = ["apply", "create", "replace", "mergePatch", "remove"];

/**
 * A Kube that counts the operator's requests and makes one of them fail. When the fault is a crash, the request never
 * gets an answer. `crash` is then called before or after the request takes effect: it ends the operator, and another
 * operator starts with empty memory.
 */
export class FaultyKube {
  readonly kube: Kube;
  /** The verbs of all requests, in their order. The number `at` of a plan is an index of this list. */
  readonly requests: string[] = [];
  plan: FaultPlan | undefined;
  crash: () => void = () => undefined;

  constructor(kube: Kube) {
    this.kube = new Proxy(kube, {
      get: (target, verb: keyof Kube) => {
        const call = (target[verb] as (...args: unknown[]) => unknown).bind(target);
        if (verb === "watch") return (...args: unknown[]) => this.#watch(call, args);
        return (...args: unknown[]) => this.#request(verb, () => call(...args) as Promise<unknown>);
      },
    });
  }

  isWrite(index: number): boolean {
    return writes.includes(this.requests[index] ?? "");
  }

  #fault(verb: string): Fault | undefined {
    const index = this.requests.push(verb) - 1;
    return this.plan?.at === index ? this.plan.fault : undefined;
  }

  async #request(verb: string, effect: () => Promise<unknown>): Promise<unknown> {
    const fault = this.#fault(verb);
    if (fault === undefined) return effect();
    if (fault === "crash before" || fault === "crash after") {
      if (fault === "crash after") await effect();
      this.crash();
      return new Promise(() => undefined);
    }
    const { when, error } = faults[fault];
    if (when === "after") await effect();
    throw error();
  }

  async *#watch(call: (...args: unknown[]) => unknown, args: unknown[]): AsyncGenerator<unknown> {
    const fault = this.#fault("watch");
    // A watch fails at its start or before its first event. It changes nothing on the server, so "before" and "after"
    // are the same for it.
    if (fault !== undefined && fault in faults) throw faults[fault as keyof typeof faults].error();
    yield* call(...args) as AsyncIterable<unknown>;
  }
}
