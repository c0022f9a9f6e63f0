import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** One TCP connection through the proxy: `inbound` from the client, and `outbound` to the server. */
export interface Path {
  inbound: Socket;
  outbound: Socket;
  /** Port of the server to which the proxy forwards this connection. */
  port: number;
}

/**
 * A TCP proxy that a test can make fail as networks do. It is used in front of the gateways, and between a gateway and
 * Redis.
 */
export class FaultyProxy {
  readonly paths = new Set<Path>();
  readonly #stranded = new Set<Socket>();
  readonly #server;
  #ports: readonly number[] = [];
  #turn = 0;
  #isStalled = false;

  private constructor() {
    this.#server = createServer({ noDelay: true }, (inbound) => this.#accept(inbound));
  }

  static async start(): Promise<FaultyProxy> {
    const proxy = new FaultyProxy();
    await new Promise<void>((resolve) =>
      proxy.#server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => resolve()),
    );
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * From now on, forwards new connections to these ports in turn. Open connections stay. Without ports, new connections
   * are reset.
   */
  serve(ports: readonly number[]): void {
    this.#ports = [...ports];
  }

  pathsTo(port: number): Path[] {
    return [...this.paths].filter((path) => path.port === port);
  }

  /** Chooses `count` open connections at random. */
  some(count: number, random: () => number): Path[] {
    const left = [...this.paths];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const place = Math.floor(random() * left.length);
      const chosen = left[place]!;
      left[place] = left.at(-1)!;
      left.pop();
      return chosen;
    });
  }

  /** Closes these connections on both sides. */
  cut(paths: Iterable<Path>): void {
    for (const { inbound, outbound } of paths) {
      inbound.destroy();
      outbound.destroy();
    }
  }

  /**
   * Closes these connections only on the client's side. The server keeps them, as when a phone changes to another
   * network.
   */
  strand(paths: Iterable<Path>): void {
    for (const { inbound, outbound } of paths) {
      this.#stranded.add(outbound);
      outbound.unpipe(inbound);
      // Read and discard what the server still sends, so that its writes succeed.
      outbound.resume();
      inbound.destroy();
    }
  }

  /** Stops forwarding data to the client, as if the client did not read. */
  slow(paths: Iterable<Path>): void {
    for (const { inbound, outbound } of paths) {
      outbound.unpipe(inbound);
      outbound.pause();
    }
  }

  /** Stops forwarding data in both directions, but closes nothing. */
  stall(paths: Iterable<Path>): void {
    for (const { inbound, outbound } of paths) {
      inbound.unpipe(outbound);
      outbound.unpipe(inbound);
      inbound.pause();
      outbound.pause();
    }
  }

  resume(paths: Iterable<Path>): void {
    for (const path of paths) if (this.paths.has(path)) this.#join(path);
  }

  /** Stops forwarding data on all connections, including those that open later. */
  stallAll(): void {
    this.#isStalled = true;
    this.stall(this.paths);
  }

  resumeAll(): void {
    this.#isStalled = false;
    this.resume(this.paths);
  }

  async close(): Promise<void> {
    this.cut(this.paths);
    for (const socket of this.#stranded) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(inbound: Socket): void {
    inbound.on("error", () => inbound.destroy());
    const port = this.#ports[this.#turn++ % Math.max(1, this.#ports.length)];
    if (port === undefined) return void inbound.resetAndDestroy();
    const outbound = connect({ port, host: "127.0.0.1", noDelay: true });
    const path: Path = { inbound, outbound, port };
    this.paths.add(path);
    const end = (): void => {
      this.paths.delete(path);
      inbound.destroy();
      if (!this.#stranded.has(outbound)) outbound.destroy();
    };
    for (const socket of [inbound, outbound]) socket.on("error", end).on("close", end);
    outbound.on("close", () => this.#stranded.delete(outbound));
    if (!this.#isStalled) this.#join(path);
  }

  #join({ inbound, outbound }: Path): void {
    inbound.unpipe(outbound).pipe(outbound, { end: false });
    outbound.unpipe(inbound).pipe(inbound, { end: false });
  }
}
