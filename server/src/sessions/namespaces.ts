import type { Server, Socket } from "socket.io";
import { contract } from "../contract.ts";
import { refuse } from "../protocol/refusals.ts";
import type { Refusal } from "../protocol/refusals.ts";
import { admission, admit } from "./admission.ts";
import type { Connection, EngineSocket } from "../connections/connection.ts";
import { useQuickSockets } from "./quick-socket.ts";
import { welcome } from "./start-session.ts";
import type { WelcomeParts } from "./start-session.ts";

export interface NamespacesOptions extends WelcomeParts {
  connections: ReadonlyMap<string, Connection>;
  isDraining: () => boolean;
}

/** Opens the namespaces: who asks to enter passes the guards, who has passed is welcomed. The bare one is there to say that it is none. */
export function openNamespaces(io: Server, options: NamespacesOptions): void {
  const { connections, isDraining, parts } = options;
  const { metrics, tracing, logger } = parts;
  const guards = admission(parts);
  const connectionOf = (socket: Socket): Connection | undefined =>
    connections.get((socket.conn as unknown as EngineSocket).id);

  function refused(refusal: Refusal): Error {
    metrics.refusals.inc({ code: refusal.code, at: "handshake" });
    return Object.assign(new Error(refusal.message), { data: refusal });
  }

  function enter(name: string, socket: Socket, next: (error?: Error) => void): void {
    const connection = connectionOf(socket);
    if (connection === undefined) return next(new Error("the connection has gone"));
    // Neither let in nor refused: the answer to the first CONNECT is the answer.
    if (!connection.begins(name)) return;
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
    const candidate = { connection, socket, isDraining };
    let admitting: ReturnType<typeof admit>;
    try {
      admitting =
        tracing === undefined
          ? admit(guards, candidate)
          : tracing.handshake(name, connection.engine.transport.name, async () => admit(guards, candidate));
    } catch (error) {
      return fail(error);
    }
    if (admitting instanceof Promise) admitting.then(answer, fail);
    else answer(admitting);
  }

  for (const name of ["/", ...contract.namespaces]) {
    const namespace = io.of(name);
    useQuickSockets(namespace, (socket, next) => enter(name, socket, next));
    namespace.on("connection", (socket: Socket) => {
      const connection = connectionOf(socket);
      if (connection?.identity === undefined) return void socket.disconnect(true);
      welcome(options, connection, socket);
    });
  }
}
