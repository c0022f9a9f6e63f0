import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP load balancer. It sends each new connection to the next server of the list, as a Kubernetes Service does. */
export interface Balancer {
  publicPort: number;
  /** Stops sending new connections to the server on this port. Its open connections stay open. */
  remove(port: number): void;
  /** Sends new connections also to the server on this port. */
  add(port: number): void;
  /**
   * From now on, sends new connections only to the servers on these ports. Open connections to other servers stay open.
   */
  serve(ports: readonly number[]): void;
  close(): Promise<void>;
}

/**
 * Starts a balancer in front of the servers on these ports. It accepts many connections at once (a long backlog) and
 * does not use Nagle's algorithm, so that it does not slow down many clients that reconnect at the same time.
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
