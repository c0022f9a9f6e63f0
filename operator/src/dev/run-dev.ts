import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { unwatchFile, watchFile } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { namesOf } from "../manifests/shared/names.ts";
import { actions, serveActions, type Action } from "./control-socket.ts";
import { DevCluster } from "./dev-cluster.ts";
import { devPlan, type DevPlan } from "./dev-plan.ts";
import { DevProxy } from "./dev-proxy.ts";
import { firstSteps } from "./first-steps.ts";
import type { LogEntry } from "./gateway-process.ts";
import { redisProgram, startLocalRedis, type LocalRedis } from "./local-redis.ts";
import { LocalSecrets } from "./local-secrets.ts";
import { portOwner } from "./port-owner.ts";
import { developmentToken } from "./sign-token.ts";
import type { Facts } from "../reconcile/facts/facts.ts";

export interface RunDevOptions {
  file: string;
  port: number;
  /** Undefined: start redis-server or valkey-server on this machine. */
  redisUrl: string | undefined;
  /** A command that runs when all gateways are ready. When the command ends, `realtime dev` stops. */
  once: string | undefined;
  /** The folder in which `.realtime` is created. */
  directory: string;
  /** The environment of this process. The command of `--once` gets it too. Redis is searched in its PATH. */
  env: Readonly<Record<string, string | undefined>>;
  /** Reads the file again. Returns the cluster's facts, or the problems of the file. */
  read: () => Promise<{ facts: Facts } | { problems: string[] }>;
  write: (text: string) => void;
  onStop: (listener: () => void) => void;
}

const WARNING = 40;
const FILE_POLL_MS = 200;

/**
 * Runs until the user stops it, or until the command of `once` ends. Returns the exit code. Throws when it cannot
 * start.
 */
export async function runDev(options: RunDevOptions): Promise<number> {
  const { directory, read, write } = options;
  const answer = await read();
  if ("problems" in answer) {
    for (const problem of answer.problems) write(`${problem}\n`);
    return 1;
  }
  const plan = devPlan(answer.facts);
  const folder = join(directory, ".realtime");
  const secrets = new LocalSecrets(folder, () => randomBytes(32).toString("hex"));
  const proxy = new DevProxy();
  const port = await listen(proxy, options.port);
  const redis = await startRedis(plan, options, join(folder, "redis"));
  const cluster = new DevCluster(plan, {
    ...{ proxy, secrets, folder, redis, nowMs: Date.now },
    authSecret: namesOf(answer.facts.cluster).auth,
    redisUrl: plan.redis === "None" ? undefined : (options.redisUrl ?? redis?.url),
    onLog: (name, entry) => write(logLine(name, entry)),
    wait: (afterMs) => sleep(afterMs),
  });
  const closing: (() => unknown)[] = [() => proxy.close(), () => cluster.stop()];
  try {
    await cluster.start();
    const url = `http://localhost:${port}`;
    const token = tokenFor(answer.facts.cluster, secrets);
    if (options.once !== undefined) return await runOnce(options.once, url, token, options);
    const withoutRedis =
      plan.redis !== "None" && redis === undefined && options.redisUrl === undefined
        ? "spec.redis: redis-server and valkey-server are not on PATH, so only one gateway runs, and messages between gateways are not tested"
        : undefined;
    write(firstSteps({ plan, url, token, withoutRedis, gateways: cluster.gateways.length }));
    closing.unshift(...watch(cluster, folder, options));
    await stopped(options);
    return 0;
  } finally {
    for (const close of closing) await close();
  }
}

/**
 * Applies the file whenever it is saved, and runs actions that come from a key press or from the socket. Returns
 * functions that end both.
 */
function watch(cluster: DevCluster, folder: string, options: RunDevOptions): (() => void)[] {
  const { file, read, write } = options;
  let last: Promise<unknown> = Promise.resolve();
  // Actions run one after the other, because a second rollout would fail while the first is running.
  const inTurn = (work: () => Promise<string>): Promise<string> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const act = (action: Action): Promise<string> => inTurn(() => perform(cluster, action));
  const say = (answer: Promise<string>): void =>
    void answer.then(
      (text) => write(`${text}\n`),
      (error: unknown) => write(`the action failed: ${error instanceof Error ? error.message : String(error)}\n`),
    );
  const onSave = (): void =>
    say(
      inTurn(async () => {
        const answer = await read();
        if ("problems" in answer) return `${answer.problems.join("\n")}\nnothing was changed`;
        return cluster.apply(devPlan(answer.facts));
      }),
    );
  // Many editors replace the file when they save it. watchFile() polls the path, so it also notices a new file.
  watchFile(file, { interval: FILE_POLL_MS }, onSave);
  const control = serveActions(folder, act, ({ message }) =>
    write(`"realtime dev ACTION" does not work here, keys do: ${message}. Use a folder with a shorter path.\n`),
  );
  const stopKeys = onKeys((key) => {
    const action = (Object.keys(actions) as Action[]).find((one) => actions[one].key === key);
    if (action !== undefined) say(act(action));
    if (key === "q" || key === "\u0003") process.kill(process.pid, "SIGINT");
  });
  return [() => unwatchFile(file, onSave), () => control.close(), stopKeys];
}

function perform(cluster: DevCluster, action: Action): Promise<string> {
  switch (action) {
    case "roll":
      return cluster.roll();
    case "kill":
      return cluster.killOne();
    case "scale-up":
      return cluster.scaleUp();
    case "scale-down":
      return cluster.scaleDown();
    case "redis":
      return cluster.toggleRedis();
    case "rebalance":
      return cluster.rebalance();
  }
}

/** Calls the listener for each key pressed in the terminal. Does nothing without a terminal. */
function onKeys(listener: (key: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const onData = (data: Buffer): void => listener(data.toString());
  stdin.setRawMode(true).on("data", onData).resume();
  return () => void stdin.setRawMode(false).off("data", onData).pause();
}

async function listen({ server }: DevProxy, port: number): Promise<number> {
  server.listen({ port, host: "127.0.0.1" });
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    const owner = portOwner(port);
    throw new Error(`port ${port} is taken${owner === undefined ? "" : ` by ${owner}`}: choose another with --port`, {
      cause: error,
    });
  }
  return (server.address() as AddressInfo).port;
}

async function startRedis(plan: DevPlan, options: RunDevOptions, folder: string): Promise<LocalRedis | undefined> {
  if (plan.redis === "None" || options.redisUrl !== undefined) return undefined;
  const program = redisProgram(options.env["PATH"] ?? "");
  return program === undefined ? undefined : startLocalRedis(program, folder);
}

function tokenFor({ spec }: RealtimeCluster, secrets: LocalSecrets): string | undefined {
  const { secret } = spec.auth.jwt ?? {};
  return secret === undefined ? undefined : developmentToken(secrets.value(secret.name, secret.key), Date.now());
}

async function runOnce(
  command: string,
  url: string,
  token: string | undefined,
  { env, directory }: RunDevOptions,
): Promise<number> {
  const child = spawn("sh", ["-c", command], {
    cwd: directory,
    env: { ...env, REALTIME_URL: url, REALTIME_TOKEN: token ?? "" },
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

function stopped({ onStop }: RunDevOptions): Promise<void> {
  return new Promise((resolve) => onStop(resolve));
}

function logLine(
  name: string,
  { level, msg, time: _time, pid: _pid, hostname: _host, node: _node, ...fields }: LogEntry,
): string {
  if (level < WARNING) return "";
  return `${name}: ${msg} ${JSON.stringify(fields)}\n`;
}
