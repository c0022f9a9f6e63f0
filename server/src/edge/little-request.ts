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
 * The part of a connection's upgrade request that is kept. engine.io and Socket.IO hold the request as long as the
 * connection lives; with all headers, buffers and listeners it is a fifth of an idle connection's memory.
 */
export function littleRequest(request: IncomingMessage): Partial<EngineRequest> {
  const { url, socket } = request;
  const { origin, host, authorization } = request.headers;
  const { _query } = request as EngineRequest;
  // The host counts only for a client that sends an origin.
  const headers = origin === undefined && authorization === undefined ? noHeaders : { origin, host, authorization };
  return { headers, url, socket, connection: socket, _query };
}

/** Lets go of what a client said when it entered, its token among it. */
export function forgetHandshake(socket: Socket): void {
  replaceHandshake(socket, forgotten);
}
