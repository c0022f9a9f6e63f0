import type { Connection } from "./connection.ts";

/** Bytes that were written to WebSocket clients. Read from the TCP sockets at a scrape and when a connection ends. */
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
