import type { Server, Socket } from "socket.io";
import { EMPTY_MS, type Connection } from "../connections/connection.ts";
import { namespaces } from "../protocol/namespaces.ts";
import { passesByItself, refuse } from "../protocol/refusals.ts";
import { AppRefusal } from "../handlers/handler.ts";
import { admission, admit, type No } from "./admission.ts";
import { engineSocketOf } from "../internals/socket-io.ts";
import { useQuickSockets } from "./quick-socket.ts";
import { returningClients } from "./returning-clients.ts";
import type { SessionDeps } from "./socket-session.ts";
import type { Seating } from "./seating.ts";
import { startSession } from "./start-session.ts";

/**
 * The gateway closes a refused connection after this time. If it closed at once, a stock client would reconnect without
 * waiting, because it resets its backoff whenever a connection opens.
 */
const CLOSE_REFUSED_AFTER_MS = 2_000;
/**
 * If a client already is in another namespace, its connection is not closed for a temporary refusal. Instead, the
 * guards are asked again. These are the first and the longest pause between two attempts.
 */
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 30_000;

export interface NamespacesOptions {
  deps: SessionDeps;
  connections: ReadonlyMap<string, Connection>;
  isDraining: () => boolean;
  /** Called when a connection has entered its first namespace. */
  onSeated: (connection: Connection) => void;
  /** Called when a CONNECT was refused and the connection is in no namespace. */
  onRefused: (connection: Connection) => void;
  seating: Seating;
}

/** A CONNECT that has not been answered yet. */
interface Entry {
  name: string;
  socket: Socket;
  connection: Connection;
  next: (error?: Error) => void;
  /** The pause before the guards are asked again. */
  retryMs: number;
}

/**
 * Opens the namespaces. A client's session starts only after all guards have admitted it. No guard admits a client to
 * the namespace "/".
 */
export function openNamespaces(io: Server, options: NamespacesOptions): void {
  const { deps, connections, isDraining, onSeated, onRefused, seating } = options;
  const { metrics, tracing, logger, nowMs } = deps;
  const returning = returningClients(deps, deps.recovery, deps.presence);
  const guards = admission(deps, seating, returning);
  const connectionOf = (socket: Socket): Connection | undefined => connections.get(engineSocketOf(socket).id);

  /**
   * Closes the connection of a client that was refused for a temporary reason; stock clients then try again. The
   * connection of a draining gateway closes at once, because other gateways can accept the client.
   */
  function refuseForNow(connection: Connection, { code }: No): void {
    if (code === "DRAINING") return connection.close("REFUSED");
    connection.refusedUntilMs ??= nowMs() + CLOSE_REFUSED_AFTER_MS;
    onRefused(connection);
  }

  function enter(name: string, socket: Socket, next: (error?: Error) => void): void {
    const connection = connectionOf(socket);
    if (connection === undefined) return next(new Error("the connection has closed"));
    // This CONNECT repeats one that is not answered yet. It gets no answer of its own.
    if (!connection.beginsToEnter(name)) return;
    decide({ name, socket, connection, next, retryMs: FIRST_RETRY_MS });
  }

  function decide(entry: Entry): void {
    const { name, socket, connection, next } = entry;
    const answer = (refusal: No | undefined): void => {
      if (refusal === undefined) return returning.restore(socket, next);
      returning.gone(socket);
      metrics.refusals.inc({ code: refusal.code, at: "handshake" });
      if (isPassing(refusal) && connection.isSeated) return decideLater(entry, decide);
      connection.endsToEnter(name);
      if (isPassing(refusal)) refuseForNow(connection, refusal);
      else {
        if (!connection.isSeated) onRefused(connection);
        connection.emptyUntilMs = Math.min(connection.emptyUntilMs, nowMs() + EMPTY_MS);
        next(connectError(refusal));
      }
    };
    const fail = (error: unknown): void => {
      logger.error({ err: error, namespace: name }, "admission failed");
      answer(refuse("INTERNAL"));
    };
    const candidate = { connection, socket, isDraining };
    try {
      const admitting =
        tracing === undefined
          ? admit(guards, candidate)
          : tracing.handshake(name, connection.engine.transport.name, async () => admit(guards, candidate));
      if (admitting instanceof Promise) admitting.then(answer, fail);
      else answer(admitting);
    } catch (error) {
      fail(error);
    }
  }

  for (const name of ["/", ...namespaces]) {
    const namespace = io.of(name);
    useQuickSockets(namespace, (socket, next) => enter(name, socket, next), returning);
    namespace.on("connection", (socket: Socket) => {
      const connection = connectionOf(socket);
      if (connection?.identity === undefined) return socket.conn.close();
      if (startSession(deps, connection, socket) === "first") onSeated(connection);
    });
  }
}

/** Whether a stock client should try again by itself. A refusal by the application is final for stock clients. */
function isPassing(no: No): boolean {
  return !(no instanceof AppRefusal) && passesByItself(no);
}

function connectError(no: No): Error {
  const data = no instanceof AppRefusal ? no.error : no;
  return Object.assign(new Error(data.message), { data });
}

/**
 * Asks the guards again after a pause; the CONNECT is not answered until then. Closing the connection would also end
 * the client's session in the other namespace. After a connect_error, a stock client would not try again.
 */
function decideLater(entry: Entry, decide: (entry: Entry) => void): void {
  const timer = setTimeout(() => {
    if (entry.connection.engine.readyState !== "open") return entry.connection.endsToEnter(entry.name);
    decide({ ...entry, retryMs: Math.min(2 * entry.retryMs, LAST_RETRY_MS) });
  }, entry.retryMs);
  timer.unref();
}
