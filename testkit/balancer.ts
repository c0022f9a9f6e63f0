import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP load balancer. Each new connection goes to the next server, as with a Service. */
export interface Balancer {
  publicPort: number;
  /** Sends no new connections to the server on this port. Open connections stay. */
  remove(port: number): void;
  /** Sends new connections to one more server. */
  add(port: number): void;
  /** Sends new connections only to these servers. Open connections stay. */
  serve(ports: readonly number[]): void;
  close(): Promise<void>;
}

/**
 * Starts a balancer with a deep backlog and without Nagle's algorithm, so that it does not slow down a fleet that
 * reconnects at once.
 */
export async function startBalancer(servers: readonly number[]): Promise<Balancer> {
  let ports = [...servers];
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ noDelay: true }, (inbound) => {
    const port = ports[turn++ % ports.length];
    if (port === undefined) return void inbound.destroy();
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
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, resolve));
  return {
    publicPort: (server.address() as AddressInfo).port,
    remove: (gone) => void (ports = ports.filter((port) => port !== gone)),
    add: (port) => void (ports = [...ports, port]),
    serve: (next) => void (ports = [...next]),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
