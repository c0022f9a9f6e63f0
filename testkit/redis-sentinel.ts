import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "./certificates.ts";
import { freePorts } from "./free-ports.ts";
import { startServer, tlsLines } from "./redis.ts";

export interface TestSentinel {
  port: number;
  /** Suspends the Sentinel: it stops answering, and its connections stay open. */
  pause(): void;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  /** Port of the Redis server that the Sentinel watches as the master `mymaster`. */
  masterPort: number;
  /** Additional lines for the Sentinel's configuration file. */
  lines?: readonly string[];
  /**
   * With a certificate, the Sentinel accepts only TLS with client certificates, and connects to the Redis servers with
   * TLS.
   */
  tls?: Certificate;
}

/** Starts a real Redis Sentinel on a free loopback port. Its quorum is 1, so it can fail over alone. */
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
