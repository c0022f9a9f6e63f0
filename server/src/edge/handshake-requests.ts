import type { IncomingMessage } from "node:http";
import type { Server as EngineServer } from "engine.io";
import { contract } from "../contract.ts";
import { engineServerInside, type EngineRequest } from "../internals/engine-io.ts";
import { refuse, type Refusal } from "../protocol/refusals.ts";

export function isSocketIoPath({ url = "" }: IncomingMessage): boolean {
  return url.startsWith(contract.socketPath) || url.startsWith("/socket.io?");
}

/**
 * Whether the request is for a new connection. A request with a session id belongs to an existing connection. engine.io
 * parses the query here, so that the gateway and engine.io always read the same session id.
 */
export function isNewcomer(engine: EngineServer, request: EngineRequest): boolean {
  engineServerInside(engine).prepare(request);
  return !request._query?.sid;
}

/**
 * Refuses polling if it is disabled. Stock clients begin with polling by default, and engine.io's answer "unknown
 * transport" does not say what to do.
 */
export function mistakeOfRequest({ url = "" }: IncomingMessage, { opts }: EngineServer): Refusal | undefined {
  if (opts.transports?.includes("polling") === true || !/[?&]transport=polling(&|$)/.test(url)) return undefined;
  return refuse("INVALID_INPUT", {
    message: 'polling is disabled: configure the client with transports: ["websocket"]',
  });
}

/**
 * Refuses clients of other Engine.IO versions. engine.io would first upgrade the connection and then write an HTTP
 * answer into the WebSocket.
 */
export function mistakeOfUpgrade({ url = "" }: IncomingMessage): Refusal | undefined {
  if (/[?&]EIO=4(&|$)/.test(url)) return undefined;
  return refuse("INVALID_INPUT", {
    message: "only Engine.IO protocol 4 (EIO=4) is supported: use socket.io-client 3 or newer",
  });
}

/**
 * Refuses the second upgrade of a session. engine.io upgrades every request with a session id, and only later closes
 * the WebSockets that it does not use. No limit counts these.
 */
export function upgradesOnce(engine: EngineServer): (request: EngineRequest) => Refusal | undefined {
  const tried = new WeakSet<object>();
  return ({ _query: { sid = "" } = {} }) => {
    const { clients } = engineServerInside(engine);
    const session = Object.hasOwn(clients, sid) ? clients[sid] : undefined;
    if (session === undefined) return undefined;
    if (session.transport.name === "websocket" || tried.has(session))
      return refuse("INVALID_INPUT", { message: "this session has been upgraded to a WebSocket already" });
    tried.add(session);
    return undefined;
  };
}
