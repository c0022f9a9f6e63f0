import type { AddressInfo, Server } from "node:net";

/**
 * Number of TCP connections that the kernel queues while the event loop is busy. Thousands of clients can reconnect at
 * once.
 */
const BACKLOG = 4_096;

/** Listens on a port (0: any free port) and returns its number. Rejects if the port is not available. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
