import type { Server, Socket } from "socket.io";
import type { Connection } from "../connections/connection.ts";
import { namespaces } from "../protocol/namespaces.ts";
import { refuse, type Refusal } from "../protocol/refusals.ts";
import { admission, admit } from "./admission.ts";
import { engineSocketOf } from "../internals/socket-io.ts";
import { useQuickSockets } from "./quick-socket.ts";
import type { SessionDeps } from "./socket-session.ts";
import { startSession } from "./start-session.ts";

export interface NamespacesOptions {
  deps: SessionDeps;
  connections: ReadonlyMap<string, Connection>;
  isDraining: () => boolean;
  /** A connection has entered its first namespace. */
  onSeated: (connection: Connection) => void;
}

/** Opens the namespaces. A client that asks to enter passes the guards, then its session starts. "/" only refuses. */
export function openNamespaces(io: Server, { deps, connections, isDraining, onSeated }: NamespacesOptions): void {
  const { metrics, tracing, logger } = deps;
  const guards = admission(deps);
  const connectionOf = (socket: Socket): Connection | undefined => connections.get(engineSocketOf(socket).id);

  function enter(name: string, socket: Socket, next: (error?: Error) => void): void {
    const connection = connectionOf(socket);
    if (connection === undefined) return next(new Error("the connection has closed"));
    // A repeated CONNECT gets no answer of its own.
    if (!connection.beginsToEnter(name)) return;
    const answer = (refusal: Refusal | undefined): void => {
      if (refusal === undefined) return next();
      connection.endsToEnter(name);
      metrics.refusals.inc({ code: refusal.code, at: "handshake" });
      // After a connect_error stock clients stay away; after a close they come back, to another gateway.
      const passes = refusal.code === "ISSUER_UNAVAILABLE" || refusal.isPassing === true;
      if (refusal.code === "DRAINING" || (passes && !connection.isSeated)) connection.close("REFUSED");
      else next(Object.assign(new Error(refusal.message), { data: refusal }));
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
    useQuickSockets(namespace, (socket, next) => enter(name, socket, next));
    namespace.on("connection", (socket: Socket) => {
      const connection = connectionOf(socket);
      if (connection?.identity === undefined) return socket.conn.close();
      if (startSession(deps, connection, socket) === "first") onSeated(connection);
    });
  }
}
