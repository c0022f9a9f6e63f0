import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../ports/free-port.ts";
import { childProgram } from "./child-program.ts";

/** A local Redis process that runs while `realtime dev` runs. */
export interface LocalRedis {
  url: string;
  isAway(): boolean;
  /** Kills Redis, as a crash would. */
  kill(): Promise<void>;
  /** Starts Redis again on the same port with its data. */
  restart(): Promise<void>;
}

const programs = ["redis-server", "valkey-server"];
const START_MS = 10_000;

/** Path of redis-server or valkey-server. Undefined when neither is installed. */
export function redisProgram(path: string): string | undefined {
  return path
    .split(delimiter)
    .flatMap((folder) => programs.map((program) => join(folder, program)))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts Redis on a free port of the loopback address. Redis stores its append-only file in the folder. */
export async function startLocalRedis(program: string, folder: string): Promise<LocalRedis> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const server = ["--port", String(port), "--bind", "127.0.0.1"];
  const storage = ["--dir", folder, "--save", "", "--appendonly", "yes"];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(program, [...server, ...storage], { stdio: "ignore" });
    killWithParent(child);
    await listens(child, port);
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    isAway: () => child === undefined,
    async kill() {
      const ending = child;
      child = undefined;
      if (ending === undefined || ending.exitCode !== null) return;
      const ended = once(ending, "exit");
      ending.kill("SIGKILL");
      await ended;
    },
    restart: start,
  };
}

/** Starts a process that kills Redis when this process dies. It ends with Redis. */
function killWithParent(redis: ChildProcess): void {
  if (redis.pid === undefined) return;
  const flags = ["--disable-warning=ExperimentalWarning", childProgram("kill-with-parent"), String(redis.pid)];
  const watchdog = spawn(process.execPath, flags, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  watchdog.unref();
  watchdog.channel?.unref();
  redis.once("exit", () => watchdog.kill("SIGKILL"));
}

async function listens(child: ChildProcess, port: number): Promise<void> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`redis-server ended with code ${String(code)} before it listened on port ${port}`);
  });
  const asked = (async () => {
    for (const end = Date.now() + START_MS; Date.now() < end; await sleep(20)) if (await answers(port)) return;
    throw new Error(`redis-server does not listen on port ${port} after ${START_MS / 1_000} s`);
  })();
  // `ended` may still reject after Promise.race() has settled. Without a handler for this rejection, Node would exit.
  ended.catch(() => undefined);
  await Promise.race([ended, asked]);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
