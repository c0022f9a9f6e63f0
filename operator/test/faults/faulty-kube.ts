import { ApiError, ConnectionError } from "../../src/kube/errors.ts";
import type { Kube } from "../../src/kube/kube.ts";

/** Faults of one request of the operator, by name. */
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

/** The request with number `at` gets the fault. All others succeed. */
export interface FaultPlan {
  at: number;
  fault: Fault;
}

const writes: readonly string[] = ["apply", "create", "replace", "mergePatch", "remove"];

/**
 * A Kube that counts requests and fails one of them. For a crash it never answers: `crash` ends the operator before or
 * after the request takes effect, and another operator starts with empty memory.
 */
export class FaultyKube {
  readonly kube: Kube;
  /** The verb of every request, in order. A plan names an index of this list. */
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
    // The watch is refused, or breaks before its first event. A watch has no effect that could be lost.
    if (fault !== undefined && fault in faults) throw faults[fault as keyof typeof faults].error();
    yield* call(...args) as AsyncIterable<unknown>;
  }
}
