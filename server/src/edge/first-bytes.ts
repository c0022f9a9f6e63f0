import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";

/**
 * A new TCP socket that has sent nothing during one whole interval of this length is destroyed. Node's headersTimeout
 * does not cover it, because that timeout begins when the HTTP parser is created.
 */
const SILENCE_MS = 5_000;

/**
 * Passes the first bytes of each TCP socket to `take`, before Node creates an HTTP parser for it. If `take` returns
 * false, the HTTP server gets the socket as a new connection that still has all its bytes.
 */
export function offerFirstBytes(
  server: HttpServer,
  take: (wire: Socket, bytes: Buffer) => boolean,
  silenceMs = SILENCE_MS,
): void {
  // This is Node's own listener. According to Node's documentation, other code is allowed to emit "connection" with a
  // socket.
  const [parse, ...others] = server.listeners("connection") as ((this: HttpServer, wire: Socket) => void)[];
  if (parse === undefined || others.length > 0) throw new Error("the HTTP server has other listeners than Node's own");
  let newcomers = new Set<Socket>();
  let waiting = new Set<Socket>();

  function forget(this: Socket): void {
    if (!newcomers.delete(this)) waiting.delete(this);
  }
  function first(this: Socket, bytes: Buffer): void {
    forget.call(this);
    this.removeListener("close", forget);
    this.removeListener("end", destroy);
    this.removeListener("data", first);
    if (take(this, bytes)) return;
    // Pause the socket. Otherwise bytes that arrive before the parser listens would be lost.
    this.pause();
    this.unshift(bytes);
    parse!.call(server, this);
    this.resume();
  }
  server.removeListener("connection", parse);
  server.on("connection", (wire) => {
    newcomers.add(wire);
    wire.on("error", destroy);
    wire.on("close", forget);
    wire.on("end", destroy);
    wire.on("data", first);
  });

  const look = (): void => {
    for (const wire of waiting) if (!server.emit("clientError", tooLate(), wire)) wire.destroy();
    waiting = newcomers;
    newcomers = new Set();
  };
  let timer: NodeJS.Timeout | undefined;
  server.on("listening", () => (timer = setInterval(look, silenceMs).unref()));
  server.on("close", () => clearInterval(timer));
}

/** The same error that Node emits when the headers of a request do not arrive in time. */
function tooLate(): Error {
  return Object.assign(new Error("no request came"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
}

function destroy(this: Socket): void {
  this.destroy();
}
