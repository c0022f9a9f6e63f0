import type { AddressInfo, Server } from "node:net";

/** Connections that the kernel queues while the event loop is busy: a whole fleet may reconnect at once. */
const BACKLOG = 4_096;

/** Listens on a port (0: any free one) and returns the port. Rejects when the port is not available. */
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
