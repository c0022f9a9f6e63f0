import { Server } from "socket.io";
import type { Adapter } from "socket.io-adapter";
import { withFanout } from "./broadcast/fanout/with-fanout.ts";
import { refuse } from "./protocol/refusals.ts";
import { takeAccept } from "./edge/accept-rate.ts";
import { boundedParser } from "./sessions/bounded-parser.ts";
import { ClosingWires } from "./connections/closing-sockets.ts";
import type { Connection } from "./connections/connection.ts";
import { keepConnections } from "./connections/connections.ts";
import { makeEngine, setMaxMessageBytes } from "./edge/engine.ts";
import { frontDoor } from "./edge/public-listener.ts";
import type { PublicListener } from "./edge/public-listener.ts";
import { HalfOpen } from "./connections/pending-connections.ts";
import { largeGarbage } from "./edge/large-garbage.ts";
import { openNamespaces } from "./sessions/namespaces.ts";
import type { Parts } from "./deps.ts";
import { RoomCounts } from "./sessions/room-counts.ts";
import { WITHOUT_NAMESPACE_MS } from "./connections/connection-watchdog.ts";

/** Handshakes a node begins per second: more than a core can finish, so honest crowds feel it last. */
const ACCEPTS_PER_SECOND = 4_000;
/** Connections that have not entered a namespace; upkeep.ts cuts each after a while. */
const MAX_HALF_OPEN = 1_000;

export interface Gateway {
  io: Server;
  http: PublicListener;
  /** By the engine's id, in the order they came. */
  connections: ReadonlyMap<string, Connection>;
  halfOpen(): number;
  /** Closed for us, and not yet by their clients. */
  closing: Pick<ClosingWires, "look">;
  isDraining(): boolean;
  /** From now on nobody is let in. */
  refuseNewcomers(): void;
  /** Again. */
  welcomeNewcomers(): void;
  close(): Promise<void>;
}

/** The public side: Socket.IO behind the front door, its connections and what they may do. Nothing listens yet. */
export function makeGateway(parts: Parts): Gateway {
  const { live, ledger, bus, metrics, logger, nowMs } = parts;
  ledger.setDrainRate(live.config.drain.connectionsPerSecond);
  let draining = false;
  let accepts = { tokens: 2 * ACCEPTS_PER_SECOND, atMs: nowMs() };
  const halfOpen = new HalfOpen({ most: MAX_HALF_OPEN, onCut: () => metrics.closed.inc({ reason: "made room" }) });
  const closing = new ClosingWires();

  const engine = makeEngine(parts);
  const io = new Server({
    serveClient: false,
    // Behind upkeep's own, which also counts them.
    connectTimeout: 2 * WITHOUT_NAMESPACE_MS,
    parser: boundedParser({
      maxMessageBytes: () => live.limits.maxMessageBytes,
      onReceived: largeGarbage(globalThis.gc),
      onUnknownNamespace: () => metrics.refusals.inc({ code: "UNKNOWN_NAMESPACE", at: "handshake" }),
    }),
    adapter: withFanout(bus.adapter as typeof Adapter),
  });
  io.bind(engine);

  const counts = new RoomCounts({
    countOf: async (name, room) => (await ledger.presence(name, room)).participantCount,
    tell: (name, room, participantCount) => io.of(name).to(room).emit("presence", { room, participantCount }),
    onFailed: (error) => logger.error({ err: error }, "room could not be counted"),
  });
  const connections = keepConnections(engine, { parts, halfOpen, closing });

  live.onChange(({ limits, drain }) => {
    ledger.setLimits(limits);
    ledger.setDrainRate(drain.connectionsPerSecond);
    setMaxMessageBytes(engine, connections.values(), limits.maxMessageBytes);
  });
  openNamespaces(io, {
    parts: { ...parts, counts },
    connections,
    isDraining: () => draining,
    onSeated(connection) {
      halfOpen.delete(connection);
      metrics.handshakes.inc();
    },
  });

  const http = frontDoor({
    engine,
    refusalOf() {
      if (draining) return refuse("DRAINING", { retryAfterMs: 1_000 });
      if (!halfOpen.makeRoom(nowMs()))
        return refuse("GLOBAL_LIMIT_EXCEEDED", { message: "too many connections are opening", retryAfterMs: 1_000 });
      const answer = takeAccept(accepts, ACCEPTS_PER_SECOND, nowMs());
      accepts = answer.bucket;
      return answer.allowed
        ? undefined
        : refuse("GLOBAL_LIMIT_EXCEEDED", { message: "too many connections at once", retryAfterMs: 1_000 });
    },
    onRefused: ({ code }) => metrics.refusals.inc({ code, at: "http" }),
    onCrowdedOut: () => metrics.closed.inc({ reason: "no request" }),
  });

  return {
    io,
    http,
    connections,
    halfOpen: () => halfOpen.size,
    closing,
    isDraining: () => draining,
    refuseNewcomers: () => (draining = true),
    welcomeNewcomers: () => (draining = false),
    async close() {
      counts.stop();
      for (const connection of connections.values()) connection.cut();
      await io.close();
      await http.shut();
    },
  };
}
