import { createServer, connect, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy on loopback whose connections a test can break. */
export interface TcpProxy {
  port: number;
  /** The number of open connections. */
  readonly count: number;
  /** The number of connections that were ever opened. */
  readonly total: number;
  /** Breaks every connection with a reset, as a firewall does that has lost its list of connections. */
  reset(): void;
  /** Keeps the open connections, but forwards no more bytes on them. To each side, the other one seems to be dead. */
  freeze(): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let total = 0;
  const server = createServer((inner) => {
    const outer = connect(target.port, target.host);
    const pair: [Socket, Socket] = [inner, outer];
    total++;
    pairs.add(pair);
    inner.pipe(outer);
    outer.pipe(inner);
    for (const socket of pair) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        pairs.delete(pair);
        for (const end of pair) end.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get count() {
      return pairs.size;
    },
    get total() {
      return total;
    },
    reset() {
      for (const [inner] of pairs) inner.resetAndDestroy();
    },
    freeze() {
      for (const [inner, outer] of pairs) {
        inner.unpipe(outer).pause();
        outer.unpipe(inner).pause();
      }
    },
    async stop() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
