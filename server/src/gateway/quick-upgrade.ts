import type { IncomingMessage } from "node:http";
import { Writable } from "node:stream";
import type { Duplex } from "node:stream";
import type { Server as EngineServer } from "engine.io";
import { contract } from "../contract.ts";

/** What stock clients ask for; whatever else comes goes engine.io's own way. */
const USUAL_URL = `${contract.socketPath}?EIO=4&transport=websocket`;
const usualQuery = Object.freeze({ EIO: "4", transport: "websocket" });

/** engine.io 6.6, undocumented: what its handleUpgrade comes down to without middlewares and `allowRequest`. Tested against the installed version. */
interface EngineInside {
  readonly opts: { transports: readonly string[]; allowRequest?: unknown };
  readonly middlewares?: readonly unknown[];
  readonly ws?: { handleUpgrade(request: IncomingMessage, wire: Duplex, head: Buffer, done: (webSocket: WebSocketInside) => void): void };
  onWebSocket?(request: IncomingMessage, wire: Duplex, webSocket: WebSocketInside): void;
}

interface WebSocketInside {
  _receiver?: Writable;
}

/**
 * Lets a WebSocket client in with a fraction of what engine.io spends: no URL parser, no response object that stays with the
 * connection, and the answer to the upgrade leaves in one write with engine.io's first packet.
 */
export function quickUpgrade(engine: EngineServer, request: IncomingMessage, wire: Duplex, head: Buffer): void {
  const inside = engine as unknown as EngineInside;
  // Not corked: engine.io destroys the wires it refuses, and what they hold back would be lost.
  if (!isUsual(inside, request)) return void engine.handleUpgrade(request, wire, head);
  Object.assign(request, { _query: usualQuery });
  wire.cork();
  inside.ws.handleUpgrade(request, wire, head, (webSocket) => {
    if (webSocket._receiver !== undefined) webSocket._receiver.end = endOnce as Writable["end"];
    inside.onWebSocket(request, wire, webSocket);
  });
  // engine.io's first packet is sent one microtask after the upgrade is done.
  queueMicrotask(() => wire.uncork());
}

/** ws ends its receiver twice as a connection closes; the second time Node makes an error, with a stack trace, for nobody. */
function endOnce(this: Writable): Writable {
  return this.writableEnded ? this : (Writable.prototype.end as () => Writable).call(this);
}

function isUsual(engine: EngineInside, { url, method }: IncomingMessage): engine is EngineInside & Required<Pick<EngineInside, "ws" | "onWebSocket">> {
  return (
    url === USUAL_URL &&
    method === "GET" &&
    engine.middlewares?.length === 0 &&
    engine.opts.allowRequest === undefined &&
    engine.opts.transports.includes("websocket") &&
    typeof engine.ws?.handleUpgrade === "function" &&
    typeof engine.onWebSocket === "function"
  );
}
