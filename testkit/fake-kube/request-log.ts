import type { Resource } from "../../operator/src/kube/resource.ts";
import { unlessAborted } from "../../operator/src/kube/unless-aborted.ts";

export type Verb =
  "get" | "list" | "watch" | "apply" | "create" | "replace" | "mergePatch" | "remove" | "discover" | "openapi";

export interface FakeRequest {
  verb: Verb;
  resource?: Resource;
  namespace?: string | undefined;
  name?: string | undefined;
  /** The object or the patch. */
  body?: object;
  options?: object;
}

/** The fate of a request: it works, it is refused, or it works and its answer is lost. */
export type Verdict = "pass" | { fail: Error } | { failAfter: Error };

/** Decides about each request before its effect. A promise keeps the request waiting. */
export type Interceptor = (request: FakeRequest) => Verdict | Promise<Verdict>;

/** Records every request and lets a test decide its fate. */
export class RequestLog {
  readonly requests: FakeRequest[] = [];
  intercept: Interceptor = () => "pass";
  readonly #nextVerdicts: Exclude<Verdict, "pass">[] = [];

  /** The next request fails; more calls queue up. "after": it takes effect and its answer is lost. */
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
    // Answers are asynchronous and copied, as from a real server.
    await Promise.resolve();
    return structuredClone(result);
  }
}
