import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "socket.io";
import type { EngineRequest } from "../internals/engine-io.ts";
import { replaceHandshake } from "../internals/socket-io.ts";

const noHeaders: IncomingHttpHeaders = Object.freeze({});
const forgotten: Socket["handshake"] = Object.freeze({
  ...{ headers: noHeaders, query: Object.freeze({}), auth: Object.freeze({}) },
  ...{ time: "", issued: 0, address: "", url: "", xdomain: false, secure: false },
});

/**
 * The parts of the upgrade request that are kept. engine.io and Socket.IO keep a reference to the request as long as
 * the connection lives. The headers, buffers and listeners of the whole request would be a fifth of the memory of an
 * idle connection. `more`: names of headers that the application's handlers get.
 */
export function littleRequest(request: IncomingMessage, more: readonly string[]): Partial<EngineRequest> {
  const { url, socket } = request;
  const { origin, host, authorization } = request.headers;
  const { _query } = request as EngineRequest;
  // The host header is needed only together with an origin header, to compare both.
  const own = origin === undefined && authorization === undefined ? noHeaders : { origin, host, authorization };
  const others = more.filter((name) => !(name in own) && request.headers[name] !== undefined);
  const headers =
    others.length === 0 ? own : { ...own, ...Object.fromEntries(others.map((name) => [name, request.headers[name]])) };
  return { headers, url, socket, connection: socket, _query };
}

/** Releases the data that the client sent when it entered a namespace, its token included. */
export function forgetHandshake(socket: Socket): void {
  replaceHandshake(socket, forgotten);
}
