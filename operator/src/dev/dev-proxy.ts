import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { pipeline, type Duplex } from "node:stream";
import type { Traffic } from "./inspector/traffic.ts";
import { watchRequest, watchWebSocket } from "./inspector/watch-connection.ts";

/** A gateway behind the proxy. */
export interface Target {
  name: string;
  publicPort: number;
}

/**
 * One port in front of all gateways, like a Service and an ingress on Kubernetes. It gives new clients to the gateways
 * in turn. It sends the requests of a polling session to the gateway that has the session. `traffic` learns what
 * passes.
 */
export class DevProxy {
  readonly server: Server;
  readonly #traffic: Traffic;
  #targets: readonly Target[] = [];
  #turn = 0;
  readonly #sessions = new Map<string, Target>();
  readonly #webSockets = new Set<Duplex>();

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
    this.server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
    this.server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(incoming, socket, head),
    );
  }

  /** Sends new clients to these gateways from now on. Connected clients stay at their gateway. */
  serve(targets: readonly Target[]): void {
    this.#targets = [...targets];
  }

  close(): void {
    for (const socket of this.#webSockets) socket.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }

  #targetOf(incoming: IncomingMessage): Target | undefined {
    return this.#sessions.get(sidOf(incoming)) ?? this.#targets[this.#turn++ % Math.max(1, this.#targets.length)];
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = this.#targetOf(incoming);
    if (target === undefined) return void outgoing.writeHead(503).end("no gateway is ready\n");
    const { method, url: path } = incoming;
    const onward = request({ host: "127.0.0.1", port: target.publicPort, method, path, headers: forwarded(incoming) });
    onward.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.once("data", (first: Buffer) => this.#remember(first, target));
      // Use pipeline(), not pipe(): when the gateway dies during its response, pipeline() also ends the response to the
      // client.
      pipeline(response, outgoing, () => undefined);
    });
    onward.on("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
    watchRequest(this.#traffic, { incoming, onward, sid: sidOf(incoming), gateway: target.name });
  }

  /** Stores which gateway has a polling session. The gateway's first response contains the session's id. */
  #remember(answer: Buffer, target: Target): void {
    const session = /^0\{"sid":"([\w-]+)"/.exec(answer.subarray(0, 100).toString())?.[1];
    if (session === undefined) return;
    this.#sessions.set(session, target);
    if (this.#sessions.size > MAX_SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value!);
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = this.#targetOf(incoming);
    if (target === undefined) return void socket.destroy();
    const onward: Socket = connect({ host: "127.0.0.1", port: target.publicPort, noDelay: true });
    this.#webSockets.add(socket);
    const watch = watchWebSocket(this.#traffic, target.name, sidOf(incoming));
    const end = (): void => {
      this.#webSockets.delete(socket);
      watch.close();
      socket.destroy();
      onward.destroy();
    };
    for (const side of [socket, onward]) side.on("error", end).on("close", end);
    const headers = Object.entries(forwarded(incoming)).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    onward.write(`GET ${incoming.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
    onward.write(head);
    watch.fromClient(head);
    onward.on("data", watch.fromGateway).pipe(socket);
    socket.on("data", watch.fromClient).pipe(onward);
  }
}

const MAX_SESSIONS = 10_000;

/** The engine.io session of a request. Empty for a new client. */
function sidOf({ url }: IncomingMessage): string {
  return URL.parse(url ?? "/", "http://localhost")?.searchParams.get("sid") ?? "";
}

function forwarded({ headers, socket }: IncomingMessage): IncomingMessage["headers"] {
  return { ...headers, "x-forwarded-for": socket.remoteAddress ?? "127.0.0.1" };
}
