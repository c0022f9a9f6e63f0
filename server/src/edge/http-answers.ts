import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { refusals, type Refusal } from "../protocol/refusals.ts";

type Headers = Readonly<Record<string, string>>;

/** Answers an HTTP request with a refusal as JSON. */
export function refuseRequest(response: ServerResponse, refusal: Refusal): void {
  const contentType = { "content-type": "application/json" };
  answer(response, refusals[refusal.code].status, JSON.stringify(refusal), {
    ...contentType,
    ...retryHeader(refusal),
  });
}

export function answer(response: ServerResponse, status: number, body: string, headers: Headers): void {
  response.writeHead(status, { "content-type": "text/plain", "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

/** Answers an upgrade request with a refusal, and closes its TCP socket. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const { status } = refusals[refusal.code];
  const body = JSON.stringify(refusal);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
    ...retryHeader(refusal),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  endWith(socket, `HTTP/1.1 ${status} Refused\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

/**
 * Writes a last text, then destroys the socket. `end` alone would keep the socket until the client ends it too, which
 * can be never.
 */
export function endWith(socket: Duplex, text: string): void {
  if (!socket.writable) return void socket.destroy();
  socket.once("finish", destroy);
  socket.end(text);
}

export function destroy(this: Duplex): void {
  this.destroy();
}

function retryHeader({ retryAfter }: Refusal): Headers {
  return retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
}
