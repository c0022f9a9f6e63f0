import { createServer } from "node:net";

/** Below what Linux gives to outgoing connections (32768 and up) and Kubernetes to NodePorts (30000 and up). */
const lowest = 10_000;
const highest = 29_999;

/**
 * Loopback ports that nobody listens on now, all different. A port that the kernel chooses would not do: until the server is there, and
 * again between a crash and its return, it may go to any outgoing connection of the machine.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = lowest + Math.trunc(Math.random() * (highest - lowest + 1));
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
