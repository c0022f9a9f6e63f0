import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { authKeys } from "../manifests/auth-secret.ts";
import { namesOf } from "../manifests/shared/names.ts";
import type { Facts } from "../reconcile/facts/facts.ts";
import { DevCluster } from "./dev-cluster.ts";
import { devPlan, type DevPlan } from "./dev-plan.ts";
import { DevProxy } from "./dev-proxy.ts";
import { firstSteps } from "./first-steps.ts";
import type { LogEntry } from "./children/gateway-process.ts";
import { DevHandlers } from "./handlers/dev-handlers.ts";
import { startInspector } from "./inspector/start-inspector.ts";
import { Traffic } from "./inspector/traffic.ts";
import { redisProgram, startLocalRedis, type LocalRedis } from "./children/local-redis.ts";
import { LocalSecrets } from "./local-secrets.ts";
import { listenOn } from "./ports/listen-on.ts";
import { startPrivateFront } from "./private-front.ts";
import { developmentToken } from "./sign-token.ts";
import { UserInput } from "./user-input.ts";

/** The facts of a file with a cluster, or the file's problems. */
export type Read = { facts: Facts } | { problems: string[] };

export interface RunDevOptions {
  file: string;
  port: number;
  /** The file of `--handlers`, which runs as a local process. */
  handlersFile: string | undefined;
  /** Undefined: start redis-server or valkey-server on this machine. */
  redisUrl: string | undefined;
  /** A command that runs when all gateways are ready. When the command ends, `realtime dev` stops. */
  once: string | undefined;
  /** The folder in which `.realtime` is created. */
  directory: string;
  /** The environment of this process. The command of `--once` gets it too. Redis is searched in its PATH. */
  env: Readonly<Record<string, string | undefined>>;
  /** Reads the file again. `derived` becomes spec.handlers when the file has none. */
  read: (derived: readonly object[] | undefined) => Promise<Read>;
  write: (text: string) => void;
  onStop: (listener: () => void) => void;
}

/** What must be closed at the end, in reverse order. What is added after the end is closed at once. */
class Closing {
  readonly #closers: (() => unknown)[] = [];
  #isClosed = false;

  add(close: () => unknown): void {
    if (this.#isClosed) void close();
    else this.#closers.push(close);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const close of this.#closers.reverse()) await close();
  }
}

const WARNING = 40;
const INTERRUPTED = 130;

/**
 * Runs until the user stops it, or until the command of `once` ends. Returns the exit code. Throws when it cannot
 * start.
 */
export async function runDev(options: RunDevOptions): Promise<number> {
  // Listen for Ctrl-C from the beginning, because a process may already run before all are ready.
  const stopped = new Promise<void>((resolve) => options.onStop(resolve));
  const closing = new Closing();
  try {
    const running = run(options, stopped, closing);
    const interrupted = stopped.then(() => (options.once === undefined ? 0 : INTERRUPTED));
    // After Ctrl-C, a start that was not complete fails, and nobody waits for it.
    running.catch(() => undefined);
    return await Promise.race([running, interrupted]);
  } finally {
    await closing.close();
  }
}

async function run(options: RunDevOptions, stopped: Promise<void>, closing: Closing): Promise<number> {
  const { directory, read, write } = options;
  const first = await read(undefined);
  if ("problems" in first) return invalid(first.problems, write);
  const folder = join(directory, ".realtime");
  const secrets = new LocalSecrets(folder, () => randomBytes(32).toString("hex"));
  const traffic = new Traffic(Date.now);
  const proxy = new DevProxy(traffic);
  closing.add(() => proxy.close());
  const port = await listenOn(proxy.server, options.port);
  const authSecret = namesOf(first.facts.cluster).auth;
  const input = new UserInput(write);
  const handlers = new DevHandlers({
    ...{ file: options.handlersFile, directory, env: options.env, write },
    secret: secrets.value(authSecret, authKeys.handlerSecret),
    onCall: (call) => traffic.called(call),
    onOtherEvents: () => input.say(reload),
  });
  closing.add(() => handlers.stop());
  const problem = await handlers.start().then(() => undefined, messageOf);
  if (problem !== undefined) return invalid([problem], write);
  const answer = await read(handlers.derived);
  if ("problems" in answer) return invalid(answer.problems, write);
  const plan = planOf(answer.facts, handlers, options);
  const redis = await startRedis(plan, options, join(folder, "redis"));
  closing.add(() => redis?.kill());
  const cluster = new DevCluster(plan, {
    ...{ proxy, traffic, secrets, folder, redis, authSecret, nowMs: Date.now },
    redisUrl: plan.redis === "None" ? undefined : (options.redisUrl ?? redis?.url),
    onLog: (name, entry) => write(logLine(name, entry)),
    wait: (afterMs) => sleep(afterMs),
  });
  closing.add(() => cluster.stop());
  await cluster.start();
  const url = `http://localhost:${port}`;
  const tokenFor = (user: string): string | undefined => signed(answer.facts.cluster, secrets, user);
  const token = tokenFor("dev");
  const { text: publish, url: publishUrl, ...front } = await startPrivateFront(cluster, options, authSecret);
  closing.add(() => front.close());
  if (options.once !== undefined) {
    const publishToken = secrets.value(authSecret, authKeys.publishToken);
    return await runOnce(options.once, options, {
      REALTIME_URL: url,
      REALTIME_TOKEN: token ?? "",
      REALTIME_PUBLISH_URL: publishUrl,
      REALTIME_PUBLISH_TOKEN: publishToken,
    });
  }
  const inspector = await startInspector({ traffic, cluster, plan, url, clientsPort: options.port, tokenFor });
  closing.add(() => inspector.close());
  write(
    firstSteps({
      plan,
      url,
      token,
      withoutRedis: noRedis(plan, redis, options),
      gateways: cluster.gateways.length,
      inspector: inspector.text,
      publish,
    }),
  );
  closing.add(() => input.stop());
  input.listen({ cluster, folder, file: options.file, reload });
  await stopped;
  return 0;

  /** Reads the saved file, and applies it. */
  async function reload(): Promise<string> {
    const saved = await read(handlers.derived);
    if ("problems" in saved) return `${saved.problems.join("\n")}\nnothing was changed`;
    const applied = await cluster.apply(planOf(saved.facts, handlers, options));
    return [applied, ...handlers.notes(saved.facts.cluster.spec.handlers)].join("\n");
  }
}

function planOf(facts: Facts, handlers: DevHandlers, { handlersFile, directory }: RunDevOptions): DevPlan {
  const { spec } = facts.cluster;
  const plan = devPlan(facts, {
    handlers: handlers.serve(spec.handlers),
    handlersFile: handlersFile === undefined ? undefined : relative(directory, handlersFile),
  });
  return { ...plan, notes: [...plan.notes, ...handlers.notes(spec.handlers)] };
}

function invalid(problems: readonly string[], write: (text: string) => void): number {
  for (const problem of problems) write(`${problem}\n`);
  return 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function startRedis(plan: DevPlan, options: RunDevOptions, folder: string): Promise<LocalRedis | undefined> {
  if (plan.redis === "None" || options.redisUrl !== undefined) return undefined;
  const program = redisProgram(options.env["PATH"] ?? "");
  return program === undefined ? undefined : startLocalRedis(program, folder);
}

/** Why there is no Redis although the cluster needs one. */
function noRedis(plan: DevPlan, redis: LocalRedis | undefined, { redisUrl }: RunDevOptions): string | undefined {
  if (plan.redis === "None" || redis !== undefined || redisUrl !== undefined) return undefined;
  return "spec.redis: redis-server and valkey-server are not on PATH, so only one gateway runs, and messages between gateways are not tested";
}

function signed({ spec }: RealtimeCluster, secrets: LocalSecrets, user: string): string | undefined {
  const { secret } = spec.auth.jwt ?? {};
  return secret === undefined ? undefined : developmentToken(secrets.value(secret.name, secret.key), user, Date.now());
}

async function runOnce(
  command: string,
  { env, directory, onStop }: RunDevOptions,
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn("sh", ["-c", command], { cwd: directory, env: { ...env, ...variables }, stdio: "inherit" });
  onStop(() => child.kill("SIGTERM"));
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

function logLine(
  name: string,
  { level, msg, time: _time, pid: _pid, hostname: _host, node: _node, ...fields }: LogEntry,
): string {
  if (level < WARNING) return "";
  return `${name}: ${msg} ${JSON.stringify(fields)}\n`;
}
