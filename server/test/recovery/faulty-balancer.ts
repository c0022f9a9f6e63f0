import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** One client's way to its gateway. */
interface Path {
  inbound: Socket;
  outbound: Socket;
  port: number;
}

/** Stands in front of gateways that come and go, and breaks connections as networks do. */
export interface FaultyBalancer {
  publicPort: number;
  /** New connections go to these ports in turn, those that exist go on. */
  serve(ports: readonly number[]): void;
  paths(): number;
  pathsTo(port: number): number;
  /** Ends so many connections on both sides at once, and answers how many there were. */
  cut(count: number, random: () => number): number;
  /** Ends the client's side only: the gateway keeps the connection, as when a phone changes networks. */
  strand(count: number, random: () => number): number;
  close(): Promise<void>;
}

export async function startFaultyBalancer(): Promise<FaultyBalancer> {
  let ports: readonly number[] = [];
  let turn = 0;
  const paths = new Set<Path>();
  const stranded = new Set<Socket>();

  const server = createServer({ noDelay: true }, (inbound) => {
    const port = ports[turn++ % Math.max(1, ports.length)];
    if (port === undefined) return void inbound.destroy();
    const outbound = connect({ port, host: "127.0.0.1", noDelay: true });
    const path: Path = { inbound, outbound, port };
    paths.add(path);
    const end = (): void => {
      paths.delete(path);
      inbound.destroy();
      if (!stranded.has(outbound)) outbound.destroy();
    };
    for (const socket of [inbound, outbound]) socket.on("error", end).on("close", end);
    outbound.on("close", () => stranded.delete(outbound));
    inbound.pipe(outbound, { end: false });
    outbound.pipe(inbound, { end: false });
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, resolve));

  function some(count: number, random: () => number): Path[] {
    const left = [...paths];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const [path] = left.splice(Math.floor(random() * left.length), 1);
      return path!;
    });
  }

  return {
    publicPort: (server.address() as AddressInfo).port,
    serve: (now) => void (ports = [...now]),
    paths: () => paths.size,
    pathsTo: (port) => [...paths].filter((path) => path.port === port).length,
    cut(count, random) {
      const chosen = some(count, random);
      for (const { inbound, outbound } of chosen) {
        inbound.destroy();
        outbound.destroy();
      }
      return chosen.length;
    },
    strand(count, random) {
      const chosen = some(count, random);
      for (const { inbound, outbound } of chosen) {
        stranded.add(outbound);
        outbound.unpipe(inbound);
        // What the gateway still sends goes nowhere, and its writes succeed.
        outbound.resume();
        inbound.destroy();
      }
      return chosen.length;
    },
    async close() {
      for (const { inbound, outbound } of paths) {
        inbound.destroy();
        outbound.destroy();
      }
      for (const socket of stranded) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
