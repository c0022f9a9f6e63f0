import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { Ports } from "./gateway.ts";

/** What stands in front of gateways: each new connection goes to the next of them, as with a Service. */
export interface Balancer {
  publicPort: number;
  /** Connections that were opened to each gateway, by its port. */
  opened: ReadonlyMap<number, number>;
  /** No new connections for this one; those that stand go on. */
  remove(gateway: Pick<Ports, "publicPort">): void;
  close(): Promise<void>;
}

export async function startBalancer(gateways: readonly Pick<Ports, "publicPort">[]): Promise<Balancer> {
  let ports = gateways.map(({ publicPort }) => publicPort);
  const opened = new Map<number, number>();
  const wires = new Set<Socket>();
  let turn = 0;
  const server = createServer((inbound) => {
    const port = ports[turn++ % ports.length];
    if (port === undefined) return inbound.destroy();
    opened.set(port, (opened.get(port) ?? 0) + 1);
    const outbound = connect(port, "127.0.0.1");
    for (const [from, to] of [[inbound, outbound], [outbound, inbound]] as const) {
      wires.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        wires.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    publicPort: (server.address() as AddressInfo).port,
    opened,
    remove: ({ publicPort }) => void (ports = ports.filter((port) => port !== publicPort)),
    async close() {
      for (const wire of wires) wire.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
