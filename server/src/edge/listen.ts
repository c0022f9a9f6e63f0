import type { AddressInfo, Server } from "node:net";

/** Connections the kernel keeps for us while the loop is busy: a fleet that reconnects comes at once. */
const BACKLOG = 4_096;

/** Listens on a port, 0 for any that is free, and answers which it is. Rejects when it cannot be had. */
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
