import { Server as EngineServer } from "engine.io";
import { isOriginAllowed } from "../protocol/origins.ts";
import { BoundedWebSockets } from "./bounded-web-sockets.ts";
import type { GatewayDeps } from "../deps.ts";
import { engineServerInside } from "../internals/engine-io.ts";
import type { EngineSocket } from "../internals/engine-io.ts";

/** A message somewhat too large is still received, so that its sender can be told. */
const ANSWERED_EXCESS_BYTES = 65_536;

/** engine.io as the gateway wants it. It listens nowhere yet. */
export function makeEngine({ config, live, newId }: Pick<GatewayDeps, "config" | "live" | "newId">): EngineServer {
  const allowOrigin = (origin: string | undefined, done: (error: null, isAllowed: boolean) => void): void =>
    done(null, isOriginAllowed(origin, live.config.origins));
  const engine = new EngineServer({
    transports: [...config.transports],
    wsEngine: BoundedWebSockets,
    maxHttpBufferSize: receivable(live.limits.maxMessageBytes),
    perMessageDeflate: false,
    httpCompression: false,
    allowEIO3: false,
    // Browsers ask for these headers over polling only; on an upgrade nobody reads them.
    ...(config.transports.includes("polling") ? { cors: { origin: allowOrigin, credentials: true } } : {}),
  });
  engine.generateId = newId;
  return engine;
}

/** Puts another bound for messages in force, for connections to come and for those that are there. */
export function setMaxMessageBytes(
  engine: EngineServer,
  connections: Iterable<{ engine: Pick<EngineSocket, "transport"> }>,
  maxMessageBytes: number,
): void {
  const most = receivable(maxMessageBytes);
  engine.opts.maxHttpBufferSize = most;
  const { ws } = engineServerInside(engine);
  if (ws !== undefined) ws.options.maxPayload = most;
  for (const { engine: wire } of connections) {
    const receiver = wire.transport.socket?._receiver;
    if (receiver !== undefined) receiver._maxPayload = most;
  }
}

function receivable(maxMessageBytes: number): number {
  return 2 * maxMessageBytes + ANSWERED_EXCESS_BYTES;
}
