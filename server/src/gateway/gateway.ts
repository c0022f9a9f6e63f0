import { Server as EngineServer } from "engine.io";
import { Server } from "socket.io";
import type { Socket } from "socket.io";
import type { Adapter } from "socket.io-adapter";
import { contract } from "../contract.ts";
import { handlers } from "../handlers/handlers.ts";
import type { EventHandler } from "../handlers/handler.ts";
import { directEmit } from "../fanout/direct-emit.ts";
import { directEvents } from "../fanout/direct-events.ts";
import { withFanout } from "../fanout/with-fanout.ts";
import { clientAddress } from "../protocol/client-address.ts";
import { isOriginAllowed } from "../protocol/origins.ts";
import { isLargeRoom } from "../protocol/presence.ts";
import { refuse } from "../refusals.ts";
import type { Refusal } from "../refusals.ts";
import { takeAccept } from "./accept-rate.ts";
import { admission, admit } from "./admission.ts";
import { boundedParser } from "./bounded-parser.ts";
import { BoundedWebSockets } from "./bounded-web-sockets.ts";
import { ClosingWires } from "./closing-wires.ts";
import { Connection } from "./connection.ts";
import type { EngineSocket } from "./connection.ts";
import { frontDoor } from "./front-door.ts";
import type { PublicListener } from "./front-door.ts";
import { HalfOpen } from "./half-open.ts";
import { largeGarbage } from "./large-garbage.ts";
import { forgetHandshake, littleRequest } from "./little-request.ts";
import type { Parts } from "./parts.ts";
import { useQuickSockets } from "./quick-socket.ts";
import { RoomCounts } from "./room-counts.ts";
import { SocketSession } from "./socket-session.ts";
import { WITHOUT_NAMESPACE_MS } from "./upkeep.ts";

/** Handshakes a node begins per second: more than a core can finish, so honest crowds feel it last. */
const ACCEPTS_PER_SECOND = 4_000;
/** Connections that have not entered a namespace; upkeep.ts cuts each after a while. */
const MAX_HALF_OPEN = 1_000;
/** A WebSocket's `readyState`. */
const CLOSED = 3;
/** A message somewhat too large is still received, so that its sender can be told. */
const ANSWERED_EXCESS_BYTES = 65_536;

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
  const { config, live, ledger, bus, metrics, tracing, logger, nowMs, newId } = parts;
  ledger.setDrainRate(live.config.drain.connectionsPerSecond);
  const connections = new Map<string, Connection>();
  const byName: ReadonlyMap<string, EventHandler> = new Map(handlers.map((handler) => [handler.event, handler]));
  const guards = admission(parts);
  let draining = false;
  let accepts = { tokens: 2 * ACCEPTS_PER_SECOND, atMs: nowMs() };
  const halfOpen = new HalfOpen({ most: MAX_HALF_OPEN, onCut: () => metrics.closed.inc({ reason: "made room" }) });
  const closing = new ClosingWires();

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
  const io = new Server({
    serveClient: false,
    // Behind upkeep's own, which also counts them.
    connectTimeout: 2 * WITHOUT_NAMESPACE_MS,
    parser: boundedParser({ maxMessageBytes: () => live.limits.maxMessageBytes, onReceived: largeGarbage(globalThis.gc) }),
    adapter: withFanout(bus.adapter as typeof Adapter),
  });
  io.bind(engine);

  const counts = new RoomCounts({
    countOf: async (name, room) => (await ledger.presence(name, room)).participantCount,
    tell: (name, room, participantCount) => io.of(name).to(room).emit("presence", { room, participantCount }),
    onFailed: (error) => logger.error({ err: error }, "room could not be counted"),
  });
  const sessionParts = { ...parts, counts };

  // socket.io's own listener runs first; no packet is read before both have.
  engine.on("connection", (wire: EngineSocket) => {
    const { socket, headers } = wire.request;
    const forwarded = headers["x-forwarded-for"];
    const connection = new Connection(wire, clientAddress(socket.remoteAddress ?? "", forwarded as string | undefined, config.trustedProxies), nowMs());
    connections.set(wire.id, connection);
    halfOpen.add(connection);
    if (wire.transport.name === "websocket") Object.assign(wire, { request: littleRequest(wire.request) });
    wire.once("close", (reason) => {
      connections.delete(wire.id);
      halfOpen.delete(connection);
      const { socket: webSocket } = wire.transport;
      if (webSocket !== undefined && webSocket.readyState !== CLOSED) closing.add(webSocket, reason === "transport error" ? "broke the protocol" : "in order");
      metrics.ended.inc({ reason: endings.has(reason) ? reason : "other" });
      const { seat } = connection;
      // Also where the client went between the last guard and its welcome.
      if (seat === undefined) return;
      void ledger.releaseSeat(seat).catch((error: unknown) => logger.error({ err: error }, "seat could not be given back"));
    });
  });

  live.onChange(({ limits, drain }) => {
    ledger.setLimits(limits);
    ledger.setDrainRate(drain.connectionsPerSecond);
    const most = receivable(limits.maxMessageBytes);
    engine.opts.maxHttpBufferSize = most;
    const inside = engine as unknown as { ws?: { options: { maxPayload: number } } };
    if (inside.ws !== undefined) inside.ws.options.maxPayload = most;
    for (const { engine: wire } of connections.values()) {
      const receiver = wire.transport.socket?._receiver;
      if (receiver !== undefined) receiver._maxPayload = most;
    }
  });

  for (const name of ["/", ...contract.namespaces]) {
    const namespace = io.of(name);
    useQuickSockets(namespace);
    namespace.use((socket, next) => {
      const connection = connections.get(engineOf(socket).id);
      if (connection === undefined) return next(new Error("the connection has gone"));
      // Neither let in nor refused: the answer to the first CONNECT is the answer.
      if (!connection.begins(name)) return;
      const candidate = { connection, socket, isDraining: () => draining };
      const answer = (refusal: Refusal | undefined): void => {
        if (refusal === undefined) return next();
        connection.ends(name);
        const error = refused(refusal);
        // Told by connect_error a stock client would stay away for good; a closed wire makes it knock elsewhere.
        if (refusal.code === "DRAINING") connection.close();
        else next(error);
      };
      const fail = (error: unknown): void => {
        logger.error({ err: error, namespace: name }, "admission failed");
        answer(refuse("INTERNAL"));
      };
      let admitting: ReturnType<typeof admit>;
      try {
        admitting = tracing === undefined ? admit(guards, candidate) : tracing.handshake(name, connection.engine.transport.name, async () => admit(guards, candidate));
      } catch (error) {
        return fail(error);
      }
      if (admitting instanceof Promise) admitting.then(answer, fail);
      else answer(admitting);
    });
    namespace.on("connection", (socket: Socket) => {
      const connection = connections.get(engineOf(socket).id);
      if (connection?.identity === undefined) return void socket.disconnect(true);
      welcome(connection, socket);
    });
  }

  function refused(refusal: Refusal): Error {
    metrics.refusals.inc({ code: refusal.code, at: "handshake" });
    return Object.assign(new Error(refusal.message), { data: refusal });
  }

  function welcome(connection: Connection, socket: Socket): void {
    const { userId } = connection.identity!;
    connection.sockets.add(socket);
    connection.ends(socket.nsp.name);
    if (!connection.isSeated) {
      connection.isSeated = true;
      halfOpen.delete(connection);
      metrics.handshakes.inc();
    }
    const session = new SocketSession(sessionParts, byName, connection, socket);
    directEvents(socket, (args) => session.receive(args));
    socket.on("disconnecting", () => {
      // Its own room is one of them.
      if (socket.rooms.size > 1) void leaveAll(connection, socket, session);
    });
    socket.on("disconnect", () => {
      session.end();
      connection.sockets.delete(socket);
      connection.emptySinceMs = nowMs();
    });
    forgetHandshake(socket);
    directEmit(socket, "connected", { socketId: socket.id, userId, serverTime: new Date(nowMs()).toISOString(), limits: live.limits });
  }

  // The rooms are read before the adapter forgets them.
  async function leaveAll({ identity }: Connection, { nsp, id, rooms }: Socket, session: SocketSession): Promise<void> {
    const { userId } = identity!;
    for (const room of [...rooms].filter((name) => name !== id)) {
      try {
        const { participantCount } = await ledger.leaveRoom({ socketId: id, userId, namespace: nsp.name, room });
        if (!session.isKnownIn(room)) continue;
        if (isLargeRoom(participantCount)) counts.changed(nsp.name, room);
        else nsp.to(room).emit("user_left", { room, socketId: id, userId, participantCount });
      } catch (error) {
        logger.error({ err: error, socket: id }, "room could not be left");
      }
    }
  }

  const http = frontDoor({
    engine,
    refusalOf() {
      if (draining) return refuse("DRAINING", { retryAfterMs: 1_000 });
      if (!halfOpen.makeRoom(nowMs())) return refuse("GLOBAL_LIMIT_EXCEEDED", { message: "too many connections are opening", retryAfterMs: 1_000 });
      const answer = takeAccept(accepts, ACCEPTS_PER_SECOND, nowMs());
      accepts = answer.bucket;
      return answer.allowed ? undefined : refuse("GLOBAL_LIMIT_EXCEEDED", { message: "too many connections at once", retryAfterMs: 1_000 });
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

/** Why engine.io says a connection ended: a closed set, for a metric's label. */
const endings: ReadonlySet<string> = new Set(["transport close", "transport error", "ping timeout", "parse error", "forced close"]);

function receivable(maxMessageBytes: number): number {
  return 2 * maxMessageBytes + ANSWERED_EXCESS_BYTES;
}

function engineOf(socket: Socket): EngineSocket {
  return socket.conn as unknown as EngineSocket;
}
