import type { Connection } from "./connection.ts";

/**
 * Number of bytes written to WebSocket clients. It is read from the TCP sockets when metrics are scraped and when a
 * connection ends.
 */
export class OutboundBytes {
  #ofEnded = 0;

  ended(connection: Connection): void {
    this.#ofEnded += bytesWritten(connection);
  }

  total(open: Iterable<Connection>): number {
    let bytes = this.#ofEnded;
    for (const connection of open) bytes += bytesWritten(connection);
    return bytes;
  }
}

function bytesWritten({ engine }: Connection): number {
  return engine.transport.socket?._socket?.bytesWritten ?? 0;
}
