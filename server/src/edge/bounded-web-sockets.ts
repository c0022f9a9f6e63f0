import { WebSocketServer, type ServerOptions } from "ws";
import type { BoundedServerOptions } from "../internals/ws.ts";

/** Smaller than a TCP segment, so that a large message that arrives slowly does not count as a flood of chunks. */
const SMALLEST_USUAL_CHUNK = 1_024;

/** The WebSocket server of ws, with limits that engine.io has no options for. */
export class BoundedWebSockets extends WebSocketServer {
  constructor(options: ServerOptions) {
    const bounded: BoundedServerOptions = {
      ...options,
      // Maximum number of fragments in a message. Stock clients send no fragments, and each fragment needs more memory
      // than its data.
      maxFragments: 256,
      // Maximum number of TCP chunks that wait for the rest of a frame.
      maxBufferedChunks: Math.max(8_192, Math.ceil((options.maxPayload ?? 0) / SMALLEST_USUAL_CHUNK)),
      // Maximum number of pongs that wait until the client reads. At more, the connection is closed.
      maxPendingAutoPongs: 16,
      // Milliseconds for a client to answer a close frame. During this time, no limit of the gateway counts the TCP
      // socket.
      closeTimeout: 5_000,
    };
    super(bounded);
  }
}
