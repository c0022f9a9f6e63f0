import { createServer } from "node:net";

/**
 * The range ends below the ports that Linux gives to outgoing connections (from 32768) and Kubernetes' NodePorts (from
 * 30000).
 */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 29_999;
/**
 * Each Jest worker chooses from its own ports. Otherwise two workers could choose the same port, because a port looks
 * free until the test's server listens on it, which may take seconds.
 */
const LANES = 8;
const LANE = Number(process.env["JEST_WORKER_ID"] ?? 0) % LANES;

/**
 * Returns different loopback ports on which no program listens. Letting the kernel choose (port 0) would not work for a
 * server that restarts: while it is down, the kernel may use its port for an outgoing connection.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const drawn = Math.trunc((Math.random() * (HIGHEST_PORT - LOWEST_PORT + 1)) / LANES);
    const port = LOWEST_PORT + LANES * drawn + LANE;
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
