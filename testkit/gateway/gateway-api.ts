import { ADMIN_TOKEN, type Ports } from "./gateway-settings.ts";

export interface ApiReply {
  status: number;
  /** The answer's body as parsed JSON. Empty when the body is not JSON. */
  body: Record<string, unknown>;
  text: string;
  headers: Headers;
}

export interface ApiRequest {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  /** The request's body. A string is sent unchanged, any other value as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The bearer token of the request. Default: the tests' ADMIN_TOKEN. null: no token. */
  token?: string | null;
}

/** Sends a request to the gateway's private listener. */
export async function callApi(
  { privatePort }: Ports,
  path: string,
  { method, body, headers, token = ADMIN_TOKEN }: ApiRequest = {},
): Promise<ApiReply> {
  const text = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(`http://127.0.0.1:${privatePort}${path}`, {
    method: method ?? (text === undefined ? "GET" : "POST"),
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  const answered = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return {
    status: response.status,
    body: isJson ? (JSON.parse(answered) as Record<string, unknown>) : {},
    text: answered,
    headers: response.headers,
  };
}

/** The sum of those samples of a metric that have all of these labels. */
export async function metricOf(gateway: Ports, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { text } = await callApi(gateway, "/metrics", { token: null });
  const samples = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return samples
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
