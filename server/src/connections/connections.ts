import type { Server as EngineServer } from "engine.io";
import { clientAddress } from "../protocol/client-address.ts";
import type { ClosingWires } from "./closing-sockets.ts";
import { Connection } from "./connection.ts";
import type { EngineSocket } from "./connection.ts";
import type { HalfOpen } from "./pending-connections.ts";
import { littleRequest } from "../edge/little-request.ts";
import type { Parts } from "../deps.ts";

export interface ConnectionsOptions {
  parts: Parts;
  halfOpen: HalfOpen;
  closing: ClosingWires;
}

/** A WebSocket's `readyState`. */
const CLOSED = 3;
/** Why engine.io says a connection ended: a closed set, for a metric's label. */
const endings: ReadonlySet<string> = new Set([
  "transport close",
  "transport error",
  "ping timeout",
  "parse error",
  "forced close",
]);

/** Every connection of the engine from its upgrade until its wire has closed: by the engine's id, in the order they came. Its end gives back its seat. */
export function keepConnections(
  engine: EngineServer,
  { parts, halfOpen, closing }: ConnectionsOptions,
): ReadonlyMap<string, Connection> {
  const { config, ledger, metrics, logger, nowMs } = parts;
  const connections = new Map<string, Connection>();
  // socket.io's own listener runs first; no packet is read before both have.
  engine.on("connection", (wire: EngineSocket) => {
    const { socket, headers } = wire.request;
    const forwarded = headers["x-forwarded-for"];
    const connection = new Connection(
      wire,
      clientAddress(socket.remoteAddress ?? "", forwarded as string | undefined, config.trustedProxies),
      nowMs(),
    );
    connections.set(wire.id, connection);
    halfOpen.add(connection);
    if (wire.transport.name === "websocket") Object.assign(wire, { request: littleRequest(wire.request) });
    wire.once("close", (reason) => {
      connections.delete(wire.id);
      halfOpen.delete(connection);
      const { socket: webSocket } = wire.transport;
      if (webSocket !== undefined && webSocket.readyState !== CLOSED)
        closing.add(webSocket, reason === "transport error" ? "broke the protocol" : "in order");
      metrics.ended.inc({ reason: endings.has(reason) ? reason : "other" });
      const { seat } = connection;
      // Also where the client went between the last guard and its welcome.
      if (seat === undefined) return;
      void ledger
        .releaseSeat(seat)
        .catch((error: unknown) => logger.error({ err: error }, "seat could not be given back"));
    });
  });
  return connections;
}
