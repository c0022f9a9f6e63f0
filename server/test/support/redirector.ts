import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** One address in front of several servers, like a managed Redis: a failover redirects only new connections. */
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
