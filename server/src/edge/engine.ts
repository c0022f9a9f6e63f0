import { Server as EngineServer } from "engine.io";
import { BoundedWebSockets } from "./bounded-web-sockets.ts";
import type { GatewayDeps } from "../deps.ts";
import { engineServerInside, type EngineSocket } from "../internals/engine-io.ts";

/**
 * A message that is larger than the limit by less than this is still received, so that its sender gets a refusal and is
 * not disconnected.
 */
const ANSWERED_EXCESS_BYTES = 65_536;

/** An engine.io server with the gateway's options. It does not listen yet. */
export function makeEngine({ config, live, newId }: Pick<GatewayDeps, "config" | "live" | "newId">): EngineServer {
  const engine = new EngineServer({
    transports: [...config.transports],
    wsEngine: BoundedWebSockets,
    maxHttpBufferSize: receivable(live.limits.maxMessageBytes),
    perMessageDeflate: false,
    httpCompression: false,
    allowEIO3: false,
  });
  engine.generateId = newId;
  return engine;
}

/** Changes the maximum message size of new and of open connections. */
export function setMaxMessageBytes(
  engine: EngineServer,
  connections: Iterable<{ engine: EngineSocket }>,
  maxMessageBytes: number,
): void {
  const most = receivable(maxMessageBytes);
  engine.opts.maxHttpBufferSize = most;
  const { ws } = engineServerInside(engine);
  if (ws !== undefined) ws.options.maxPayload = most;
  for (const { engine: engineSocket } of connections) {
    const receiver = engineSocket.transport.socket?._receiver;
    if (receiver !== undefined) receiver._maxPayload = most;
  }
}

function receivable(maxMessageBytes: number): number {
  return 2 * maxMessageBytes + ANSWERED_EXCESS_BYTES;
}
