import { request as httpRequest, type IncomingMessage } from "node:http";
import WebSocket from "ws";
import { resources } from "../../api/resources.ts";
import { ConnectionError } from "../errors.ts";
import { pathOf } from "../resource.ts";
import { unlessAborted } from "../unless-aborted.ts";
import type { Connection } from "./connection.ts";
import { apiErrorOf } from "./error-response.ts";
import { bytesOf, explained, type HttpAnswer } from "./http-client.ts";
import type { PodPort, PodProxy, PodRequest } from "./pod-proxy.ts";
import { PortForwardStream } from "./port-forward-stream.ts";
import { withTimeLimit } from "./time-limit.ts";

const TIME_LIMIT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;
/** The subprotocol of the WebSocket. Every supported kubelet knows it, and the API server only passes it on. */
const protocol = "v4.channel.k8s.io";

/**
 * Sends HTTP requests to a pod's port through port-forward. The kubelet connects from inside the pod's network, so no
 * NetworkPolicy blocks it. The user needs get and create on pods/portforward. Throws the same errors as PodProxy.
 */
export function httpPodPortForward(connection: Connection): PodProxy {
  return {
    ask(pod, request, outer) {
      const what = `${request.method} ${request.path} of pod ${pod.name} by port-forward`;
      const late = () => new ConnectionError(`${what}: no answer within ${TIME_LIMIT_MS / 1000} s`);
      return withTimeLimit(TIME_LIMIT_MS, late, outer, async (signal) => {
        try {
          const socket = await opened(connection, pod, signal);
          return await exchanged(new PortForwardStream(socket), request, signal);
        } catch (error) {
          throw explained(what, error, signal);
        }
      });
    },
  };
}

async function opened(connection: Connection, pod: PodPort, signal: AbortSignal): Promise<WebSocket> {
  const { namespace, name, port } = pod;
  const { headers, ...credentials } = await unlessAborted(connection.credentials(), signal);
  const path = pathOf(resources.pods, { namespace, name, subresource: "portforward" });
  const url = `${connection.server.replace(/\/+$/, "").replace(/^http/, "ws")}${path}?ports=${port}`;
  const socket = new WebSocket(url, protocol, {
    ...credentials,
    headers: { ...(headers as Record<string, string> | undefined), "user-agent": connection.userAgent },
    perMessageDeflate: false,
  });
  const open = Promise.withResolvers<WebSocket>();
  const abort = () => {
    open.reject(signal.reason as Error);
    socket.terminate();
  };
  signal.addEventListener("abort", abort, { once: true });
  socket.on("error", open.reject);
  socket.on("unexpected-response", (request, response: IncomingMessage) => {
    if (response.statusCode === 401) connection.forgetCredentials();
    refusalOf(response)
      .then(open.reject, open.reject)
      .finally(() => request.destroy());
  });
  socket.on("open", () => {
    // The kubelet may send the port number together with its answer to the upgrade. Pause the WebSocket, so that no
    // message is lost before PortForwardStream listens.
    socket.pause();
    open.resolve(socket);
  });
  return open.promise;
}

async function refusalOf(response: IncomingMessage): Promise<Error> {
  const text = (await bytesOf(response, MAX_REFUSAL_BYTES)).toString("utf8");
  return apiErrorOf(response.statusCode ?? 0, response.headers["retry-after"], text);
}

async function exchanged(
  stream: PortForwardStream,
  { method, path, body, headers }: PodRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const bodyHeaders = json === undefined ? {} : { "content-type": "application/json", "content-length": json.length };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpRequest({
        createConnection: () => stream,
        method,
        path,
        signal,
        headers: { ...headers, ...bodyHeaders, host: "localhost", accept: "application/json", connection: "close" },
      });
      outgoing.on("response", resolve);
      outgoing.on("error", reject);
      outgoing.end(json);
    });
    return { status: response.statusCode ?? 0, text: (await bytesOf(response, MAX_ANSWER_BYTES)).toString("utf8") };
  } finally {
    stream.destroy();
  }
}
