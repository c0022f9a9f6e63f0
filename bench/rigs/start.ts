import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { shipped } from "../../testkit/gateway/shipped-gateway.ts";
import type { Command, CpuProfile, Reply, RigOptions, Usage } from "./rig.ts";

/** The load generator's handle on the process of a server under test. */
export class RemoteRig {
  readonly kind: string;
  readonly port: number;
  /** The process of the server. For a server that is not written for Node, it is a child of the rig's process. */
  readonly pid: number;
  readonly #process: ChildProcess;

  constructor(kind: string, { port, pid }: { port: number; pid: number }, process: ChildProcess) {
    this.kind = kind;
    this.port = port;
    this.pid = pid;
    this.#process = process;
  }

  send(command: Command): void {
    this.#process.send(command);
  }

  /** Waits for the next reply of this kind from the process. */
  async reply<At extends Reply["at"]>(at: At): Promise<Extract<Reply, { at: At }>> {
    for (;;) {
      const [message] = (await once(this.#process, "message")) as [Reply];
      if (message.at === at) return message as Extract<Reply, { at: At }>;
    }
  }

  async usage(after?: "collecting"): Promise<Usage> {
    this.send(after === undefined ? { do: "usage" } : { do: "usage", after });
    return (await this.reply("usage")).usage;
  }

  /** Lets a client under test make this many requests. */
  async ask(count: number, inFlight: number): Promise<void> {
    this.send({ do: "ask", count, inFlight });
    await this.reply("asked");
  }

  /** Starts V8's sampling profiler in the process. `profiled` ends it. */
  startProfile(): void {
    this.send({ do: "profile", step: "start" });
  }

  async profiled(): Promise<CpuProfile> {
    this.send({ do: "profile", step: "stop" });
    return (await this.reply("profile")).profile;
  }

  async idle(): Promise<void> {
    for (let previous = (await this.usage()).cpuMicros; ;) {
      await new Promise((resolve) => setTimeout(resolve, IDLE_PROBE_MS));
      const { cpuMicros } = await this.usage();
      if (cpuMicros - previous < IDLE_PROBE_MS * 1_000 * 0.1) return;
      previous = cpuMicros;
    }
  }

  async hasMembers(room: string, count: number): Promise<void> {
    for (let tries = 0; tries < 2_000; tries += 1) {
      this.send({ do: "members", room });
      if ((await this.reply("members")).count === count) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${this.kind}: room ${room} never had ${count} members`);
  }

  async kill(): Promise<void> {
    const exited = once(this.#process, "exit");
    process.kill(this.pid, "SIGKILL");
    await exited;
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, "exit");
    this.#process.disconnect();
    await exited;
  }
}

const IDLE_PROBE_MS = 50;

/** The CPU core of the servers under test. The load generator uses the other core. */
export const SERVER_CORE = "0";
/** The core of the load generator, of the handlers that a gateway calls, and of Centrifugo's application. */
export const LOAD_CORE = "1";

/**
 * Starts a rig on the servers' core, and a handler on the other one. The gateway also gets the Node flags and
 * environment of its image.
 */
export async function startRig(kind: string, options: RigOptions, flags: string[] = []): Promise<RemoteRig> {
  const isGateway = kind.startsWith("gateway");
  const serve = fileURLToPath(new URL("serve.ts", import.meta.url));
  const node = [
    process.execPath,
    "--expose-gc",
    "--disable-warning=ExperimentalWarning",
    ...(isGateway ? shipped.flags : []),
    ...flags,
    serve,
    kind,
    JSON.stringify(options),
  ];
  const core = kind === "handler" || kind.startsWith("centrifugo") ? LOAD_CORE : SERVER_CORE;
  const [program, ...args] = canPin() ? ["taskset", "-c", core, ...node] : node;
  const child = spawn(program!, args, {
    env: { ...process.env, ...(isGateway ? shipped.env : {}) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const first = await Promise.race([once(child, "message"), once(child, "exit")]);
  const message = first[0] as Reply;
  if (typeof message !== "object" || message?.at !== "listening")
    throw new Error(`the ${kind} rig ended before it listened`);
  child.setMaxListeners(0);
  return new RemoteRig(kind, message, child);
}

/** Whether this machine can pin a process to a core. Needs the program taskset of util-linux. */
export function canPin(): boolean {
  return spawnSync("taskset", ["-c", SERVER_CORE, "true"]).status === 0;
}
