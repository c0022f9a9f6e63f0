import { WebSocketServer, type ServerOptions } from "ws";
import type { BoundedServerOptions } from "../internals/ws.ts";

/** Below a TCP segment: a large message that comes in slowly is no flood. */
const SMALLEST_USUAL_CHUNK = 1_024;

/** ws, with the bounds that engine.io does not pass on. */
export class BoundedWebSockets extends WebSocketServer {
  constructor(options: ServerOptions) {
    const bounded: BoundedServerOptions = {
      ...options,
      // Fragments of one message: clients of ours send none; each costs more than the byte it may hold.
      maxFragments: 256,
      // Pieces of the network stream that wait for a frame to be whole.
      maxBufferedChunks: Math.max(8_192, Math.ceil((options.maxPayload ?? 0) / SMALLEST_USUAL_CHUNK)),
      // Pongs that the client does not take while it goes on pinging: beyond it the connection ends.
      maxPendingAutoPongs: 16,
      // For a client that does not answer a close frame: its wire is out of all our counts by then.
      closeTimeout: 5_000,
    };
    super(bounded);
  }
}
