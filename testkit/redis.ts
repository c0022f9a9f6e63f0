import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "./certificates.ts";
import { freePorts } from "./free-ports.ts";
import { isListening } from "./is-listening.ts";
import { until } from "./until.ts";

/** A real Redis server on a free loopback port. */
export interface TestRedis {
  host: string;
  port: number;
  url: string;
  password: string | undefined;
  /** Kills the server, as in a crash. */
  kill(): Promise<void>;
  /** Starts the server again on the same port. It still has its data only if appendonly is on. */
  restart(): Promise<void>;
  /** Suspends the server: it stops answering, and its connections stay open. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface RedisOptions {
  password?: string;
  /** Additional command-line options of redis-server. */
  args?: readonly string[];
  /** With a certificate, the server accepts only TLS with client certificates, and connects to its primary with TLS. */
  tls?: Certificate;
}

/**
 * One binary in Debian's package redis-tools is several programs. Started under the name redis-server, it is the
 * server.
 */
const MULTI_CALL = "/usr/bin/redis-check-rdb";

export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), "realtime-redis-"));
  const authorization = options.password === undefined ? [] : ["--requirepass", options.password];
  const listening = options.tls === undefined ? [`port ${port}`] : tlsLines(options.tls, port);
  const args = [
    ...listening.flatMap((line) => `--${line}`.split(" ")),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--dir",
    folder,
    ...authorization,
    ...(options.args ?? []),
  ];
  let child = await startServer(args, port);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGCONT");
    child.kill(signal);
    await gone;
  };
  return {
    host: "127.0.0.1",
    port,
    url: `${options.tls === undefined ? "redis" : "rediss"}://${options.password === undefined ? "" : `:${encodeURIComponent(options.password)}@`}127.0.0.1:${port}`,
    password: options.password,
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      child = await startServer(args, port);
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async stop() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Configuration lines for a server that accepts TLS on this port, and no unencrypted connections. */
export function tlsLines({ ca, cert, key }: Certificate, port: number): string[] {
  const files = [`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${ca}`];
  return [`tls-port ${port}`, "port 0", ...files, "tls-auth-clients yes", "tls-replication yes"];
}

/** Starts redis-server with these arguments, and waits until it listens on the port. */
export async function startServer(args: readonly string[], port: number): Promise<ChildProcess> {
  const program = existsSync(MULTI_CALL) ? MULTI_CALL : "redis-server";
  // With setpriv --pdeathsig, the kernel kills the server when this process ends. `exec -a` starts the binary under the
  // name redis-server.
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "bash", "-c", 'exec -a redis-server "$0" "$@"', program, ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", () =>
      reject(
        new Error(
          `redis-server on port ${port} (make deps installs it) ended before it listened: ${said.join("").trim()}`,
        ),
      ),
    );
  });
  await Promise.race([ended, until(`redis-server on port ${port}`, () => isListening(port), 30_000, 20)]);
  for (const stream of [child.stdout, child.stderr]) stream.removeAllListeners("data").resume();
  return child;
}
