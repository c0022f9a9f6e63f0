import { resources } from "../../api/resources.ts";
import { apiErrorOf } from "./error-response.ts";
import type { Connection } from "./connection.ts";
import { ConnectionError } from "../errors.ts";
import { HttpClient, type HttpAnswer, type HttpRequest } from "./http-client.ts";
import { pathOf } from "../resource.ts";
import { withTimeLimit } from "./time-limit.ts";

export interface PodRequest {
  method: "GET" | "POST" | "PUT";
  /** The path with its leading slash: "/api/websocket/health". */
  path: string;
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

export interface PodPort {
  namespace: string;
  name: string;
  port: number;
}

/**
 * Sends HTTP requests to a pod's port through the API server, which removes the header Authorization. The user needs
 * get and create on pods/proxy.
 * Returns the pod's answer with any status. Throws an ApiError when the API server refuses (503: the pod does not
 * answer).
 */
export interface PodProxy {
  ask(pod: PodPort, request: PodRequest, signal?: AbortSignal): Promise<HttpAnswer>;
}

/**
 * When a NetworkPolicy drops the packets, no answer comes. A GET gives up early, so that the caller can try
 * port-forward.
 */
const timeLimitMs = { GET: 3_000, POST: 10_000, PUT: 10_000 } as const;
const MAX_ANSWER_BYTES = 1024 * 1024;

export function httpPodProxy(connection: Connection): PodProxy {
  const client = new HttpClient(connection);
  return {
    async ask({ namespace, name, port }, { method, path, body, headers }, outer) {
      const request: HttpRequest = {
        method,
        path: `${pathOf(resources.pods, { namespace, name: `${name}:${port}`, subresource: "proxy" })}${path}`,
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
      };
      const late = () =>
        new ConnectionError(`${method} ${path} of pod ${name}: no answer within ${timeLimitMs[method] / 1000} s`);
      const answer = await withTimeLimit(timeLimitMs[method], late, outer, (signal) =>
        client.answer(request, MAX_ANSWER_BYTES, signal),
      );
      const kind = kindOf(answer.text);
      if (kind === "status") throw apiErrorOf(answer.status, undefined, answer.text);
      if (kind === "page" && answer.status >= 400)
        throw new ConnectionError(`${method} ${path} of pod ${name}: a proxy answered ${answer.status}`);
      return answer;
    },
  };
}

/**
 * Who has sent an answer. status: the API server, which refuses with a Status object. page: a proxy in front of the API
 * server, if the answer is an error, because gateways send errors as JSON. json: anything else.
 */
function kindOf(text: string): "status" | "page" | "json" {
  try {
    return (JSON.parse(text) as { kind?: unknown } | null)?.kind === "Status" ? "status" : "json";
  } catch {
    return "page";
  }
}
