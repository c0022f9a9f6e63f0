import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "socket.io";
import type { OnQueue } from "./broadcast/fanout/outlet.ts";
import { broadcastUnkept, gatewayAdapter } from "./broadcast/gateway-adapter.ts";
import { ClosingSockets } from "./connections/closing-sockets.ts";
import { ENTER_WITHIN_MS, type Connection } from "./connections/connection.ts";
import type { Watched } from "./connections/connection-watchdog.ts";
import { keepConnections } from "./connections/connections.ts";
import { DeadlineQueue } from "./connections/deadline-queue.ts";
import { gatewayMessages } from "./connections/gateway-messages.ts";
import { GhostSearch, type GhostSearchDeps } from "./connections/ghost-search.ts";
import { Heartbeats } from "./connections/heartbeats.ts";
import { refusalOfNewcomers } from "./connections/newcomers.ts";
import { disconnectUser, endRevoked } from "./connections/end-of-user.ts";
import { OutboundBytes } from "./connections/outbound-bytes.ts";
import { PendingConnections } from "./connections/pending-connections.ts";
import { UnlistedProxies } from "./connections/unlisted-proxies.ts";
import type { GatewayDeps, Publish } from "./deps.ts";
import type { RevocationTarget } from "./ledger/ledger.ts";
import { AgedConnections } from "./drain/aged-connections.ts";
import { makeEngine, setMaxMessageBytes } from "./edge/engine.ts";
import { largeGarbage } from "./edge/large-garbage.ts";
import { publicListener, type PublicListener } from "./edge/public-listener.ts";
import type { EngineSocket } from "./internals/engine-io.ts";
import { closeReasons } from "./protocol/close-reasons.ts";
import { namespaces } from "./protocol/namespaces.ts";
import { boundedParser } from "./sessions/bounded-parser.ts";
import { openNamespaces } from "./sessions/namespaces.ts";
import { Seating } from "./sessions/seating.ts";
import { RoomCounts } from "./sessions/room-counts.ts";
import { sentMessages } from "./sessions/sent-messages.ts";
import { MovedCommands } from "./sessions/moved-commands.ts";
import { SessionPresence } from "./sessions/session-presence.ts";

/** Maximum number of connections that have not entered a namespace yet. */
const MAX_PENDING = 1_000;
/** Name of the message between gateways that closes a user's connections. */
const DISCONNECT_USER = "disconnect_user";

export interface Gateway {
  io: Server;
  http: PublicListener;
  /** Engine.io id → connection. The oldest connection comes first. */
  connections: ReadonlyMap<string, Connection>;
  /** What the connection watchdog checks. */
  watched: Watched;
  aged: AgedConnections;
  /** Number of bytes that were sent to clients since the start. */
  outboundBytes(): number;
  /** Number of connections that have a seat. */
  seatedCount(): number;
  pendingCount(): number;
  /**
   * Name of the network of a proxy that is missing in TRUSTED_PROXIES, or "unknown". Undefined if no proxy is missing.
   */
  unlistedProxy(): string | undefined;
  /** Number of sockets and of rooms in each namespace. */
  counts(): Record<string, { sockets: number; rooms: number }>;
  /** Sends an event to the members of a room on all gateways. */
  publish: Publish;
  /**
   * Closes a user's connections on all gateways. Returns the number of those on this gateway. The user is allowed to
   * reconnect.
   */
  disconnectUser(userId: string): number;
  /**
   * Ends all sessions of a user or token, even those of dead gateways. If a client reconnects, it gets a new session.
   */
  endSessions(target: RevocationTarget): void;
  isDraining(): boolean;
  refuseNewcomers(): void;
  close(): Promise<void>;
}

/** The public side of a gateway: listener, Socket.IO server, connections and sessions. It does not listen yet. */
export function makeGateway(deps: GatewayDeps): Gateway {
  const { config, live, ledger, metrics, logger, nowMs, recovery } = deps;
  let isDraining = false;
  const pending = new PendingConnections(MAX_PENDING);
  const closingSockets = new ClosingSockets();
  const unlistedProxies = new UnlistedProxies(logger);
  const engine = makeEngine(deps);
  const queueing = new Set<EngineSocket>();
  const io = socketServer(deps, (connection) => void queueing.add(connection));
  io.bind(engine);
  const counts = new RoomCounts({
    countOf: async (name, room) => (await ledger.presence(name, room)).participantCount,
    tell({ namespace, room, only }, participantCount) {
      broadcastUnkept(io.of(namespace), { room, only }, ["presence", { room, participantCount }]);
    },
    onFailed: (error) => logger.error({ err: error }, "members of a room could not be counted"),
  });
  const presence = new SessionPresence({ ...recovery, ledger, counts, logger, namespaceOf: (name) => io.of(name) });
  recovery.sessions.onRejoin((session) => presence.rejoin(session));
  recovery.watchOwners((session, told) => presence.leaveDead(session, told));
  const deadlines = new DeadlineQueue<Connection>();
  const outbound = new OutboundBytes();
  const heartbeats = new Heartbeats(() => performance.now());
  heartbeats.start();
  const connections = keepConnections(engine, { deps, pending, closingSockets, deadlines, outbound, heartbeats });
  const aged = new AgedConnections({ ...deps, connections });
  const messages = gatewayMessages(io.of(namespaces[0]), config.redis === undefined);
  const maxMessageBytes = (): number => live.limits.maxMessageBytes;
  const moved = new MovedCommands({ ...recovery, messages, logger, nowMs, maxMessageBytes });
  const isDrainingNow = (): boolean => isDraining;
  openNamespaces(io, {
    deps: { ...deps, counts, presence, moved, sent: sentMessages(deps) },
    connections,
    isDraining: isDrainingNow,
    seating: seatingOf(deps, { connections, messages, isDraining: isDrainingNow }),
    onSeated(connection) {
      pending.delete(connection);
      metrics.handshakes.inc();
      aged.schedule(connection);
    },
    onRefused: (connection) => pending.refused(connection),
  });
  followLiveConfig(deps, ({ limits }) => setMaxMessageBytes(engine, connections.values(), limits.maxMessageBytes));
  ledger.onRevoked((target) => {
    endRevoked(connections, target);
    recovery.sessions.endAway(target);
  });
  const endUser = (userId: string): number => {
    recovery.sessions.endAway({ userId });
    return disconnectUser(connections, userId);
  };
  messages.on(DISCONNECT_USER, (userId) => {
    if (typeof userId === "string") endUser(userId);
  });

  const http = publicListener({
    engine,
    refusalOf: refusalOfNewcomers({ deps, pending, isDraining: isDrainingNow, unlistedProxies }),
    origins: () => live.config.origins,
    nowMs,
    keptHeaders: config.handlerHeaders,
    startPings: (connection) => heartbeats.add(connection),
    onRefused: ({ code }) => metrics.refusals.inc({ code, at: "http" }),
    onCrowdedOut: () => metrics.closed.inc({ reason: closeReasons.NO_REQUEST.label }),
  });

  return {
    ...{ io, http, connections, aged, watched: { connections, closingSockets, deadlines, queueing, aged } },
    outboundBytes: () => outbound.total(connections.values()),
    seatedCount: () => connections.size - pending.size,
    pendingCount: () => pending.size,
    unlistedProxy: () => unlistedProxies.network(),
    counts: () => Object.fromEntries(namespaces.map((name) => [name, countsOf(io, name)])),
    publish({ namespace, room }, event, data) {
      const members = io.of(namespace).to(room);
      if (data === undefined) members.emit(event);
      else members.emit(event, data);
      return recovery.log.newestStored();
    },
    endSessions: (target) => recovery.sessions.endAll(target),
    disconnectUser(userId) {
      recovery.sessions.endAll({ userId });
      messages.send(DISCONNECT_USER, userId);
      return endUser(userId);
    },
    isDraining: () => isDraining,
    refuseNewcomers() {
      isDraining = true;
      ledger.retire();
    },
    async close() {
      counts.stop();
      heartbeats.stop();
      moved.stop();
      for (const connection of connections.values()) connection.close("STOPPED");
      await io.close();
      await http.shut();
    },
  };
}

function socketServer({ live, bus, metrics, recovery }: GatewayDeps, onQueue: OnQueue): Server {
  return new Server({
    serveClient: false,
    // Socket.IO's own timeout is twice the deadline of the connection watchdog. So the watchdog closes connections
    // without a namespace first, and counts them.
    connectTimeout: 2 * ENTER_WITHIN_MS,
    parser: boundedParser({
      maxMessageBytes: () => live.limits.maxMessageBytes,
      onReceived: largeGarbage(globalThis.gc),
      onUnknownNamespace: () => metrics.refusals.inc({ code: "UNKNOWN_NAMESPACE", at: "handshake" }),
    }),
    adapter: gatewayAdapter(bus, { log: recovery.log, onQueue }),
  });
}

function seatingOf(
  deps: GatewayDeps,
  found: Pick<GhostSearchDeps, "connections" | "messages" | "isDraining">,
): Seating {
  const ghosts = new GhostSearch({ ...found, newId: deps.newId, setTimer: setTimeout });
  return new Seating({ ...deps, ghosts, wait: (afterMs) => sleep(afterMs, undefined, { ref: false }) });
}

function followLiveConfig(
  { live, ledger }: GatewayDeps,
  onChange: Parameters<GatewayDeps["live"]["onChange"]>[0],
): void {
  ledger.setDrainRate(live.config.drain.connectionsPerSecond);
  live.onChange((next) => {
    ledger.setLimits(next.limits);
    ledger.setDrainRate(next.drain.connectionsPerSecond);
    onChange(next);
  });
}

function countsOf(io: Server, name: string): { sockets: number; rooms: number } {
  const { sockets, adapter } = io.of(name);
  // Do not count the room that each socket has for itself. Its name is the socket's id.
  const rooms = [...adapter.rooms.keys()].filter((room) => !sockets.has(room));
  return { sockets: sockets.size, rooms: rooms.length };
}
