import { ADMIN_TOKEN, type Ports } from "./gateway-settings.ts";

export interface ApiReply {
  status: number;
  /** The parsed JSON, if the body is JSON. */
  body: Record<string, unknown>;
  text: string;
  headers: Headers;
}

export interface ApiRequest {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  /** A string is sent as it is. Any other value is sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The bearer token. Default: ADMIN_TOKEN. */
  token?: string | null;
}

/** Sends one request to the private API. */
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

/** The sum of a metric's samples that have all of these labels. */
export async function metricOf(gateway: Ports, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { text } = await callApi(gateway, "/metrics", { token: null });
  const samples = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return samples
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
