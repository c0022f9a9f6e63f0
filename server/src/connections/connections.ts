import type { Server as EngineServer } from "engine.io";
import type { GatewayDeps } from "../deps.ts";
import { littleRequest } from "../edge/little-request.ts";
import { replaceRequest, type EngineSocket } from "../internals/engine-io.ts";
import { CLOSED } from "../internals/ws.ts";
import { closeReasons, type CloseReason } from "../protocol/close-reasons.ts";
import { settleAddress } from "./address-accounts.ts";
import type { ClosingSockets } from "./closing-sockets.ts";
import { Connection } from "./connection.ts";
import type { DeadlineQueue } from "./deadline-queue.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { addressOf } from "./newcomers.ts";
import type { OutboundBytes } from "./outbound-bytes.ts";
import type { PendingConnections } from "./pending-connections.ts";

export interface ConnectionsOptions {
  deps: GatewayDeps;
  pending: PendingConnections;
  closingSockets: ClosingSockets;
  deadlines: DeadlineQueue<Connection>;
  outbound: OutboundBytes;
  heartbeats: Heartbeats;
}

/** All reasons that engine.io gives for the end of a connection. They are labels of a metric. */
const endings: ReadonlySet<string> = new Set([
  "transport close",
  "transport error",
  "ping timeout",
  "parse error",
  "forced close",
]);

/**
 * All engine.io connections from the upgrade until they close, by engine id, oldest first. When a connection closes,
 * its seat is released.
 */
export function keepConnections(
  engine: EngineServer,
  { deps, pending, closingSockets, deadlines, outbound, heartbeats }: ConnectionsOptions,
): ReadonlyMap<string, Connection> {
  const { config, ledger, metrics, logger, nowMs } = deps;
  const connections = new Map<string, Connection>();
  const onClose = (reason: CloseReason): void => metrics.closed.inc({ reason: closeReasons[reason].label });

  const onDue = (connection: Connection): void => {
    // Do not schedule a closed connection: it would stay in memory until its deadline.
    if (connection.engine.readyState !== "closed") deadlines.schedule(connection, connection.dueAtMs);
  };

  function ended(connection: Connection, reason: string): void {
    connections.delete(connection.engine.id);
    deadlines.delete(connection);
    pending.delete(connection);
    outbound.ended(connection);
    heartbeats.ended(connection.engine);
    const { socket: webSocket } = connection.engine.transport;
    if (webSocket !== undefined && webSocket.readyState !== CLOSED)
      closingSockets.add(webSocket, reason === "transport error" ? "broke the protocol" : "in order");
    metrics.ended.inc({ reason: endings.has(reason) ? reason : "other" });
    settleAddress(connection, deps);
    // This also releases the seat of a client that closed its connection after it got the seat and before its session
    // started.
    if (connection.seat === undefined) return;
    const failed = (error: unknown): void => logger.error({ err: error }, "seat could not be released");
    void ledger.releaseSeat(connection.seat).catch(failed);
  }

  // Socket.IO added its own listener first. engine.io reads no packet before both listeners have run.
  engine.on("connection", (engineSocket: EngineSocket) => {
    const connection = new Connection({
      engine: engineSocket,
      address: addressOf(engineSocket.request, config),
      openedAtMs: nowMs(),
      onClose,
      onDue,
    });
    onDue(connection);
    connections.set(engineSocket.id, connection);
    pending.add(connection);
    if (engineSocket.transport.name === "websocket")
      replaceRequest(engineSocket, littleRequest(engineSocket.request, config.handlerHeaders));
    engineSocket.once("close", (reason) => ended(connection, reason));
  });
  return connections;
}
