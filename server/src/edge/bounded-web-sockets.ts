import { WebSocketServer, type ServerOptions } from "ws";
import type { BoundedServerOptions } from "../internals/ws.ts";

/** Smaller than a TCP segment: a large message that arrives slowly must not count as a flood. */
const SMALLEST_USUAL_CHUNK = 1_024;

/** The WebSocket server of ws, with limits that engine.io does not pass on. */
export class BoundedWebSockets extends WebSocketServer {
  constructor(options: ServerOptions) {
    const bounded: BoundedServerOptions = {
      ...options,
      // Maximum number of fragments per message. Stock clients send no fragments, and each fragment costs more memory
      // than its data.
      maxFragments: 256,
      // Maximum number of TCP chunks that wait for the rest of a frame.
      maxBufferedChunks: Math.max(8_192, Math.ceil((options.maxPayload ?? 0) / SMALLEST_USUAL_CHUNK)),
      // Maximum number of pongs that a client has not read. Above it, the connection ends.
      maxPendingAutoPongs: 16,
      // Milliseconds for a client to answer a close frame. No limit of the gateway counts the TCP socket in that time.
      closeTimeout: 5_000,
    };
    super(bounded);
  }
}
