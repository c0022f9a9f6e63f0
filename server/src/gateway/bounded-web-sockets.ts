import { WebSocketServer } from "ws";
import type { ServerOptions } from "ws";

/** ws, with the bounds that engine.io does not pass on. */
export class BoundedWebSockets extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({
      ...options,
      // Fragments of one message: clients of ours send none; each costs more than the byte it may hold.
      maxFragments: 256,
      // Pieces of the network stream that wait for a frame to be whole.
      maxBufferedChunks: 8_192,
      // Pongs that the client does not take while it goes on pinging: beyond it the connection ends.
      maxPendingAutoPongs: 16,
    } as ServerOptions);
  }
}
