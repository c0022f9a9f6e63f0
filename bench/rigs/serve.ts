import { Session } from "node:inspector/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { centrifugo } from "./centrifugo.ts";
import { gateway, gatewayWithHandler, gatewayWithModule } from "./gateway.ts";
import { handler } from "./handler.ts";
import { httpWs } from "./http-ws.ts";
import { netFloor } from "./net-floor.ts";
import { netHandshakes } from "./net-handshakes.ts";
import { payload } from "./payload.ts";
import { requests } from "./requests.ts";
import type { Command, CpuProfile, Reply, Rig, RigOptions, Usage } from "./rig.ts";
import { socketIo } from "./socket-io.ts";

/**
 * The process of one server under test: `node serve.ts KIND`. The load generator sends it commands over the IPC
 * channel.
 */
const kinds: Record<string, (options: RigOptions) => Promise<Rig>> = {
  floor: netFloor,
  net: netHandshakes,
  "http+ws": httpWs,
  bare: (options) => socketIo(options, "stock"),
  "bare+redis": (options) => socketIo(options, "stock redis"),
  fanout: (options) => socketIo(options, "fanout"),
  "fanout+redis": (options) => socketIo(options, "fanout redis"),
  centrifugo,
  "centrifugo+redis": centrifugo,
  handler,
  requests,
  gateway,
  "gateway+handler": gatewayWithHandler,
  "gateway+module": gatewayWithModule,
  "gateway+redis": gateway,
  "gateway+redis+recovery": (options) =>
    gateway(options, { RECOVERY_WINDOW_SECONDS: "120", REDIS_PREFIX: "with-recovery" }),
  "gateway+redis-recovery": (options) =>
    gateway(options, { RECOVERY_WINDOW_SECONDS: "0", REDIS_PREFIX: "without-recovery" }),
};

const DELAY_RESOLUTION_MS = 5;
const [kind, settings] = process.argv.slice(2) as [string, string];
const rig = await kinds[kind]!(JSON.parse(settings) as RigOptions);
const reply = (message: Reply): void => void process.send!(message);
const profiler = new Session();
const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
delays.enable();
const SAMPLE_MICROS = 200;
let creditTurns = 0;
let onCredit: (() => void) | undefined;

process.on("message", (command: Command) => {
  if (command.do === "usage") {
    const used = rig.usage?.(command.after) ?? usageAfter(command.after);
    void used.then((usage) => reply({ at: "usage", usage }));
  } else if (command.do === "profile") void profile(command.step);
  else if (command.do === "members") reply({ at: "members", count: rig.members(command.room) });
  else if (command.do === "credit") {
    creditTurns += command.turns;
    onCredit?.();
  } else if (command.do === "ask") void rig.ask!(command.count, command.inFlight).then(() => reply({ at: "asked" }));
  else if (command.do === "burst") burst(command);
  else void stream(command);
});
process.on("disconnect", () => process.exit(0));
reply({ at: "listening", port: rig.port, pid: rig.pid ?? process.pid });

/**
 * Sends `perTurn` messages in each of `turns` turns of the event loop. Pauses when the clients are `window` turns
 * behind.
 */
function burst({ room, bytes, perTurn, turns, window }: Extract<Command, { do: "burst" }>): void {
  let turn = 0;
  creditTurns = window;
  const step = (): void => {
    if (turn === turns) {
      onCredit = undefined;
      return reply({ at: "sent", messages: turns * perTurn });
    }
    if (creditTurns === 0) {
      onCredit = () => {
        onCredit = undefined;
        setImmediate(step);
      };
      return;
    }
    creditTurns -= 1;
    for (let message = 0; message < perTurn; message += 1) rig.emit(room, payload(bytes, turn * perTurn + message));
    rig.endOfTurn?.();
    turn += 1;
    setImmediate(step);
  };
  step();
}

/** Sends messages at a fixed rate. A late message is sent at once, and does not delay the schedule of later ones. */
async function stream({ room, bytes, perSecond, seconds }: Extract<Command, { do: "stream" }>): Promise<void> {
  const messages = perSecond * seconds;
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < messages; sent += 1) {
    const dueNanos = start + BigInt(Math.round((sent / perSecond) * 1e9));
    for (;;) {
      const leftMs = Number(dueNanos - process.hrtime.bigint()) / 1e6;
      if (leftMs <= 0) break;
      await pause(Math.max(1, Math.floor(leftMs)));
    }
    rig.emit(room, payload(bytes, Number(process.hrtime.bigint() / 1_000n)));
    rig.endOfTurn?.();
  }
  reply({ at: "sent", messages });
}

async function profile(step: "start" | "stop"): Promise<void> {
  if (step === "start") {
    profiler.connect();
    await profiler.post("Profiler.enable");
    await profiler.post("Profiler.setSamplingInterval", { interval: SAMPLE_MICROS });
    await profiler.post("Profiler.start");
    return;
  }
  const { profile } = await profiler.post("Profiler.stop");
  reply({ at: "profile", profile: profile as CpuProfile });
}

async function usageAfter(after?: "collecting"): Promise<Usage> {
  if (after === "collecting") globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const longestStallMs = delays.max / 1e6 - DELAY_RESOLUTION_MS;
  delays.reset();
  return { cpuMicros: user + system, userMicros: user, rssBytes: rss, heapBytes: heapUsed + external, longestStallMs };
}
