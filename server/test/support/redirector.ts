import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** One address in front of servers, as a managed Redis has: a failover sends new connections elsewhere and keeps the old ones. */
export interface Redirector {
  port: number;
  /** New connections go to this port from now on. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

export async function startRedirector(firstPort: number): Promise<Redirector> {
  let port = firstPort;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (inbound) => {
    const outbound = connect({ port, host: "127.0.0.1", noDelay: true });
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (next) => void (port = next),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
