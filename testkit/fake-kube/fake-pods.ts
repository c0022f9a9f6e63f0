import { ApiError } from "../../operator/src/kube/errors.ts";
import type { HttpAnswer } from "../../operator/src/kube/http/http-client.ts";
import type { PodPort, PodProxy, PodRequest } from "../../operator/src/kube/http/pod-proxy.ts";

export type FakePod = (request: PodRequest) => { status: number; body: unknown };

/**
 * A fake of the API server's proxy to pods. The contract tests in operator/test/kube/pod-proxy.ts run on it and on a
 * real API server.
 */
export class FakePods implements PodProxy {
  /** The pods, by "namespace/name:port". A pod that exists but does not listen on the port has the value undefined. */
  readonly running = new Map<string, FakePod | undefined>();
  readonly requests: (PodPort & PodRequest)[] = [];

  async ask(pod: PodPort, request: PodRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    signal?.throwIfAborted();
    this.requests.push({ ...pod, ...request });
    const key = `${pod.namespace}/${pod.name}:${pod.port}`;
    if (!this.running.has(key)) throw new ApiError(`pods "${pod.name}" not found`, { status: 404, reason: "NotFound" });
    const answer = this.running.get(key)?.(request);
    if (answer === undefined)
      throw new ApiError("error trying to reach service: connection refused", {
        status: 503,
        reason: "ServiceUnavailable",
      });
    return { status: answer.status, text: typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body) };
  }
}
