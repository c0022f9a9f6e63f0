import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Starts a Redis on a free port, for servers that exchange messages over Redis. */
export async function startRedis(): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "bench-redis-"));
  const args = ["--port", String(port), "--save", "", "--appendonly", "no", "--dir", folder];
  const redis = spawn("/usr/bin/redis-check-rdb", args, { argv0: "redis-server", stdio: "ignore" });
  const exited = once(redis, "exit");
  await Promise.race([
    whenListening(port),
    exited.then(() => Promise.reject(new Error("redis-server ended at once; run make deps"))),
  ]);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: redis.pid!,
    async stop() {
      redis.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function whenListening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) =>
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false)),
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`redis-server did not listen on port ${port}`);
}
