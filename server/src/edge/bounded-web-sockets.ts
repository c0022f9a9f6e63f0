import { WebSocketServer, type ServerOptions } from "ws";
import type { BoundedServerOptions } from "../internals/ws.ts";

/** Smaller than a TCP segment: a large message that arrives slowly must not count as a flood. */
const SMALLEST_USUAL_CHUNK = 1_024;

/** ws with the bounds that engine.io does not pass on. */
export class BoundedWebSockets extends WebSocketServer {
  constructor(options: ServerOptions) {
    const bounded: BoundedServerOptions = {
      ...options,
      // Fragments of one message. Our clients send none, and a fragment costs more than the byte it may hold.
      maxFragments: 256,
      // Chunks of the TCP stream that wait until a frame is complete.
      maxBufferedChunks: Math.max(8_192, Math.ceil((options.maxPayload ?? 0) / SMALLEST_USUAL_CHUNK)),
      // Pongs that a client does not read while it goes on pinging. Above it the connection ends.
      maxPendingAutoPongs: 16,
      // The wait for a client that does not answer a close frame: no count of ours includes its TCP socket by then.
      closeTimeout: 5_000,
    };
    super(bounded);
  }
}
