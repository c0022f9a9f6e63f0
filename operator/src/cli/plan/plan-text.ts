import { stringify } from "yaml";
import { apiVersion, kind } from "../../api/realtime-cluster.ts";
import { total, type Capacity, type Demand } from "./capacity.ts";

const MIB = 2 ** 20;
const WIDTH = 100;

/** A file with the reasoning as comments and the fields of the resource that follow from it. */
export function planText(name: string, demand: Demand, capacity: Capacity): string {
  const size = demand.messageBytes > LARGE_BYTES ? [LARGE_MESSAGES] : [];
  const paragraphs = [...gatewayReasons(demand, capacity), ...redisReasons(demand, capacity), ...size, ...closing];
  return `${paragraphs.map(comment).join("#\n")}${stringify(resourceOf(name, demand, capacity))}`;
}

const LARGE_BYTES = 1_000;
const LARGE_MESSAGES =
  "Your messages are large: the CPU figures are for messages of 300 bytes, and larger ones cost more. Check also that your network can carry the bandwidth.";
const closing = [
  "The costs were measured on one machine (docs/scaling.md). Measure your own workload before you rely on them.",
  "Change spec.auth to your own, and add spec.exposure.",
];

function gatewayReasons(demand: Demand, capacity: Capacity): string[] {
  const { needed, gateways, decidedBy, gatewayLoad, drainPerSecond } = capacity;
  const { idle, sending, receiving, delivering, connecting } = gatewayLoad;
  const each = Math.ceil(demand.connections / needed);
  const decides = decidedBy === "CPU" ? "The CPU of a gateway decides." : "The connections per gateway decide.";
  return [
    `Load: ${count(demand.connections)} connections, ${count(demand.messagesPerSecond)} messages per second of ${count(demand.messageBytes)} bytes ` +
      `to ${count(demand.receivers)} receivers each, and ${count(demand.connectsPerSecond)} clients that connect per second.`,
    `Gateways: ${gateways}. ${count(needed)} can carry all of the load, and one more may be missing. ${decides} ` +
      `With one missing, each has ${count(each)} connections and uses ${percent(total(gatewayLoad))} of a core: ` +
      `connected clients ${percent(idle)}, messages of its clients ${percent(sending)}, messages of other gateways ${percent(receiving)}, ` +
      `deliveries ${percent(delivering)}, clients that connect ${percent(connecting)}. Together they send ${rate(capacity.bytesToClients)} to clients.`,
    `Drain: a full gateway moves its clients in about ${count(each / drainPerSecond)} s, at ${count(drainPerSecond)} clients per second.`,
  ];
}

function redisReasons(demand: Demand, capacity: Capacity): string[] {
  const { redisLoad, bytesFromRedis, recoveryMaxBytes, heldSeconds, maxConnections } = capacity;
  const redis = `Redis: it uses ${percent(redisLoad)} of its one core, and sends ${rate(bytesFromRedis)} to the gateways.`;
  if (demand.windowSeconds === 0) return [redis, "Recovery: off. Clients that were away must load what they missed."];
  const isShort = heldSeconds < demand.windowSeconds;
  return [
    `${redis} Its memory has room for ${count(maxConnections)} connections and ${recoveryMaxBytes / MIB} MiB of messages.`,
    isShort
      ? `Recovery: the largest log holds about ${count(Math.floor(heldSeconds))} s of messages, less than the window of ${demand.windowSeconds} s. Clients that are away for longer must load what they missed.`
      : `Recovery: the log has room for all messages of the window of ${demand.windowSeconds} s.`,
  ];
}

function resourceOf(name: string, demand: Demand, capacity: Capacity): object {
  const { gatewayMemory, redisMemory, recoveryMaxBytes } = capacity;
  const isRecovered = demand.windowSeconds > 0;
  return {
    apiVersion,
    kind,
    metadata: { name },
    spec: {
      auth: { jwt: { secret: { name: `${name}-jwt` } } },
      replicas: capacity.gateways,
      resources: resources(total(capacity.gatewayLoad), gatewayMemory),
      limits: { maxConnections: capacity.maxConnections },
      redis: { managed: { resources: resources(capacity.redisLoad, redisMemory) } },
      recovery: {
        windowSeconds: demand.windowSeconds,
        ...(isRecovered ? { maxBytes: mebi(recoveryMaxBytes) } : {}),
      },
      drain: { connectionsPerSecond: capacity.drainPerSecond, timeoutSeconds: capacity.drainSeconds },
    },
  };
}

function resources(cores: number, memory: number): object {
  return { requests: { cpu: milliCores(cores), memory: mebi(memory) }, limits: { memory: mebi(memory) } };
}

/** A request of CPU: the load, rounded up to a tenth of a core. */
const milliCores = (cores: number): string => `${Math.max(1, Math.ceil(cores * 10)) * 100}m`;
const mebi = (bytes: number): string => `${Math.ceil(bytes / MIB)}Mi`;
/** Whole from 10 on, with one decimal below. */
const count = (value: number): string =>
  (value < 10 ? Math.round(value * 10) / 10 : Math.round(value)).toLocaleString("en");
const percent = (share: number): string => (share < 0.01 ? "below 1 %" : `${Math.round(share * 100)} %`);
export const rate = (bytesPerSecond: number): string => `${count((bytesPerSecond * 8) / 1e6)} Mbit/s`;

/** A YAML comment that is wrapped at spaces. */
function comment(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => `# ${line}\n`).join("");
}
