import { ApiError } from "../../operator/src/kube/errors.ts";
import type { HttpAnswer } from "../../operator/src/kube/http/http-client.ts";
import type { PodPort, PodProxy, PodRequest } from "../../operator/src/kube/http/pod-proxy.ts";

export type FakePod = (request: PodRequest) => { status: number; body: unknown };

/** Pods that can be reached through the API server. Their contract is in operator/test/kube/pod-proxy.ts. */
export class FakePods implements PodProxy {
  /** "namespace/name:port" → pod. An undefined pod exists, but does not listen. */
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
