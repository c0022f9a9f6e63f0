import type { Resource } from "../resource.ts";

export type Verb = "get" | "list" | "watch" | "apply" | "create" | "replace" | "mergePatch" | "remove" | "discover" | "openapi";

export interface FakeRequest {
  verb: Verb;
  resource?: Resource;
  namespace?: string | undefined;
  name?: string | undefined;
  /** What was sent: the object, or the patch. */
  body?: object;
  options?: object;
}

/** What becomes of a request: it works, it is refused, or it works and its answer is lost. */
export type Verdict = "pass" | { fail: Error } | { failAfter: Error };

/** Judges each request before it has an effect. A promise keeps the request waiting. */
export type Interceptor = (request: FakeRequest) => Verdict | Promise<Verdict>;

/** Keeps every request, and lets a test decide what becomes of it. */
export class RequestLog {
  readonly requests: FakeRequest[] = [];
  intercept: Interceptor = () => "pass";
  readonly #nextVerdicts: Exclude<Verdict, "pass">[] = [];

  /** The next request fails; more calls queue up. "after" is an effect whose answer is lost. */
  failNext(error: Error, when: "before" | "after" = "before"): void {
    this.#nextVerdicts.push(when === "before" ? { fail: error } : { failAfter: error });
  }

  async run<T>(request: FakeRequest, signal: AbortSignal | undefined, effect: () => T): Promise<T> {
    signal?.throwIfAborted();
    this.requests.push(structuredClone(request));
    const verdict = this.#nextVerdicts.shift() ?? (await unlessAborted(Promise.resolve(this.intercept(request)), signal));
    signal?.throwIfAborted();
    if (verdict !== "pass" && "fail" in verdict) throw verdict.fail;
    const result = effect();
    if (verdict !== "pass") throw verdict.failAfter;
    // No answer comes in the turn of its request, and no caller shares an object with the store.
    await Promise.resolve();
    return structuredClone(result);
  }
}

/** A request that is kept waiting for ever ends with its signal, as a real one does. */
async function unlessAborted<T>(waiting: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return waiting;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([waiting, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
