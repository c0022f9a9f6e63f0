import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";

/**
 * A wire that has said nothing for the whole of one of these is cut: headersTimeout, which begins with the parser, does
 * not see it.
 */
const SILENCE_MS = 5_000;

/**
 * Offers a wire's first bytes to `take`, before Node makes an HTTP parser for it. `take` answers whether the wire is
 * its own from now on; if it is not, the HTTP server gets the wire as if it had come just now, and finds the bytes
 * unread.
 */
export function offerFirstBytes(
  server: HttpServer,
  take: (wire: Socket, bytes: Buffer) => boolean,
  silenceMs = SILENCE_MS,
): void {
  // Node's own. Documented: the event may be emitted with a wire from elsewhere.
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
    // Flowing, it would lose the bytes before the parser listens.
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

/** As Node has it for headers that do not come. */
function tooLate(): Error {
  return Object.assign(new Error("no request came"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
}

function destroy(this: Socket): void {
  this.destroy();
}
