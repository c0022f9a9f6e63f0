import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "./certificates.ts";
import { freePorts } from "./free-ports.ts";
import { startServer, tlsLines } from "./redis.ts";

export interface TestSentinel {
  port: number;
  /** Stops answering. Connections stay open. */
  pause(): void;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  /** Port of the master, whose name is `mymaster`. */
  masterPort: number;
  /** More lines of configuration, with one directive each. */
  lines?: readonly string[];
  /** Accepts only TLS, requires a client certificate, and connects to the servers with TLS. */
  tls?: Certificate;
}

/** Starts a real Redis Sentinel on a free loopback port. It alone is a majority. */
export async function startSentinel({ masterPort, lines = [], tls }: SentinelOptions): Promise<TestSentinel> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), "realtime-sentinel-"));
  const file = join(folder, "sentinel.conf");
  const encrypted = tls === undefined ? [`port ${port}`] : tlsLines(tls, port);
  const configuration = [
    ...encrypted,
    "bind 127.0.0.1",
    `dir ${folder}`,
    "sentinel resolve-hostnames yes",
    "sentinel announce-hostnames yes",
    `sentinel monitor mymaster localhost ${masterPort} 1`,
    ...lines,
  ];
  writeFileSync(file, configuration.map((line) => `${line}\n`).join(""));
  const child = await startServer([file, "--sentinel"], port);
  return {
    port,
    pause: () => void child.kill("SIGSTOP"),
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
