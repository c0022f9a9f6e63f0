import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** What stands in front of servers: each new connection goes to the next of them, as with a Service. */
export interface Balancer {
  publicPort: number;
  /** No new connections for the server on this port; those that stand go on. */
  remove(port: number): void;
  close(): Promise<void>;
}

/** Starts one. Its backlog is deep and it holds no byte back: a fleet that reconnects at once must not be slowed down by what measures it. */
export async function startBalancer(servers: readonly number[]): Promise<Balancer> {
  let ports = [...servers];
  const wires = new Set<Socket>();
  let turn = 0;
  const server = createServer({ noDelay: true }, (inbound) => {
    const port = ports[turn++ % ports.length];
    if (port === undefined) return void inbound.destroy();
    const outbound = connect({ port, host: "127.0.0.1", noDelay: true });
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      wires.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        wires.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, resolve));
  return {
    publicPort: (server.address() as AddressInfo).port,
    remove: (gone) => void (ports = ports.filter((port) => port !== gone)),
    async close() {
      for (const wire of wires) wire.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
