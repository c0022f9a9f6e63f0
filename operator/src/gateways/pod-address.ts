import type { KubeObject } from "../api/kube-object.ts";
import type { AskPod } from "./gateway-client.ts";

const TIME_LIMIT_MS = 2_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface PodAddressOptions {
  fetch: typeof globalThis.fetch;
  port: number;
}

/** Sends HTTP requests to the IP address of a pod. If the pod does not answer, the request fails after two seconds. */
export function askAtPodAddress({ fetch, port }: PodAddressOptions): AskPod {
  return async (pod, { method, path, headers, body }, signal) => {
    const limit = AbortSignal.timeout(TIME_LIMIT_MS);
    const response = await fetch(`http://${bracketed(podIpOf(pod) ?? "")}:${port}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    return { status: response.status, text: await boundedText(response) };
  };
}

/** The reason of a failed request. It does not say which request failed, because the caller knows. */
export function failureText(error: unknown): string {
  const { name, message, cause } = error as Partial<Error>;
  if (name === "TimeoutError") return `no answer within ${TIME_LIMIT_MS / 1000} s`;
  // fetch() throws only "fetch failed". The error's cause has the reason. When the host name has several addresses and
  // all refuse the connection, the cause has a code but no message.
  const { message: reason, code } = (cause ?? {}) as { message?: string; code?: string };
  return reason || code || message || String(error);
}

function podIpOf(pod: KubeObject): string | undefined {
  return (pod["status"] as { podIP?: string } | undefined)?.podIP;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
