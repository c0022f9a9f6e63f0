import type { Resource } from "../../operator/src/kube/resource.ts";
import { unlessAborted } from "../../operator/src/kube/unless-aborted.ts";

export type Verb =
  "get" | "list" | "watch" | "apply" | "create" | "replace" | "mergePatch" | "remove" | "discover" | "openapi";

export interface FakeRequest {
  verb: Verb;
  resource?: Resource;
  namespace?: string | undefined;
  name?: string | undefined;
  /** The object or the patch that was sent. */
  body?: object;
  options?: object;
}

/**
 * What happens to a request. pass: it succeeds. fail: it is refused. failAfter: it takes effect, but its answer is
 * lost.
 */
export type Verdict = "pass" | { fail: Error } | { failAfter: Error };

/**
 * Decides what happens to a request, before the request takes effect. If this returns a promise, the request waits for
 * it.
 */
export type Interceptor = (request: FakeRequest) => Verdict | Promise<Verdict>;

/** Records every request, and lets a test decide what happens to it. */
export class RequestLog {
  readonly requests: FakeRequest[] = [];
  intercept: Interceptor = () => "pass";
  readonly #nextVerdicts: Exclude<Verdict, "pass">[] = [];

  /**
   * Makes the next request fail with this error. A second call affects the request after that one. With "after", the
   * request takes effect and only its answer is lost.
   */
  failNext(error: Error, when: "before" | "after" = "before"): void {
    this.#nextVerdicts.push(when === "before" ? { fail: error } : { failAfter: error });
  }

  async run<T>(request: FakeRequest, signal: AbortSignal | undefined, effect: () => T): Promise<T> {
    signal?.throwIfAborted();
    this.requests.push(structuredClone(request));
    const judged = Promise.resolve(this.#nextVerdicts.shift() ?? this.intercept(request));
    const verdict = await (signal === undefined ? judged : unlessAborted(judged, signal));
    signal?.throwIfAborted();
    if (verdict !== "pass" && "fail" in verdict) throw verdict.fail;
    const result = effect();
    if (verdict !== "pass") throw verdict.failAfter;
    // Answer asynchronously and with a copy, as a real server does.
    await Promise.resolve();
    return structuredClone(result);
  }
}
