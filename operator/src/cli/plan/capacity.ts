import { gatewayBytes, redisBytes } from "../../manifests/recovery-memory.ts";
import { MAXMEMORY_SHARE } from "../../manifests/shared/container-resources.ts";
import { costAt, costs } from "./costs.ts";

/** What a fleet has to carry. Every figure is for the whole fleet at its peak. */
export interface Demand {
  connections: number;
  messagesPerSecond: number;
  /** Clients that receive a message, on average. */
  receivers: number;
  /** Bytes of a message as JSON, on average. */
  messageBytes: number;
  /** Clients that connect per second. */
  connectsPerSecond: number;
  /** `spec.recovery.windowSeconds`. */
  windowSeconds: number;
  /** Largest number of connections that one gateway may have. */
  connectionsPerGateway: number;
}

/** The parts of a gateway's work, as shares of one core. */
export type GatewayLoad = Record<"idle" | "sending" | "receiving" | "delivering" | "connecting", number>;

export interface Capacity {
  /** Gateways that carry the load. One more runs, so that one may be missing. */
  needed: number;
  gateways: number;
  /** What decided the number of gateways. */
  decidedBy: "connections" | "CPU";
  /** Load of each gateway while one is missing. */
  gatewayLoad: GatewayLoad;
  /** CPU of Redis, as a share of its one core. */
  redisLoad: number;
  /** Bytes per second to all clients. */
  bytesToClients: number;
  /** Bytes per second from Redis to all gateways. */
  bytesFromRedis: number;
  maxConnections: number;
  recoveryMaxBytes: number;
  /** How long messages are held. Less than the window when the log's largest size is not enough for it. */
  heldSeconds: number;
  gatewayMemory: number;
  redisMemory: number;
  drainPerSecond: number;
  drainSeconds: number;
}

/** The reason why no number of gateways on one Redis can carry the demand. */
export interface TooMuch {
  tooMuch: "gateway" | "redis" | "pods";
  /** Share of one core that would be needed; for pods, their number. */
  load: number;
}

const MIB = 2 ** 20;
/** A gateway and Redis have one core each. Above these shares, latency grows and a burst has no room. */
export const GATEWAY_MOST_LOAD = 0.5;
export const REDIS_MOST_LOAD = 0.6;
/** The highest `spec.replicas`. */
export const MOST_GATEWAYS = 1_000;
const MOST_CLUSTERS = 1_000;
/** Gateways of the fleet in which the cost of Redis by rate was measured. */
const MEASURED_GATEWAYS = 2;
/** Socket.IO's packet around a message, with the offset and the frame of the WebSocket. */
const ENVELOPE_BYTES = 80;
/** See "Memory of Redis" in docs/tuning.md: what a stored message costs in addition to its bytes. */
const STORED_BYTES = 400;
const MOST_LOG_BYTES = 512 * MIB;
const LEAST_LOG_BYTES = 32 * MIB;
/** Resident memory of an idle client (docs/tuning.md). */
const CLIENT_BYTES = 13_000;
/** Room for a hundred slow clients at a time, each with the default of `spec.limits.maxQueuedBytes`. */
const SLOW_CLIENTS_BYTES = 100 * MIB;
const MEMORY_MARGIN = 1.25;
const CONNECTIONS_MARGIN = 1.2;
/** A full gateway should be empty after this time, unless the others cannot accept its clients so quickly. */
const DRAIN_SECONDS = 120;
const LEAST_DRAIN = 100;
const LEAST_DRAIN_TIMEOUT = 300;
/** A gateway that accepts moved clients may use this share of its core for their handshakes. */
const MOVE_LOAD = 0.2;

/** The smallest fleet that carries the demand while one gateway is missing. */
export function capacityFor(demand: Demand): Capacity | TooMuch {
  const byConnections = Math.ceil(demand.connections / demand.connectionsPerGateway);
  let needed = byConnections;
  while (total(gatewayLoad(demand, needed)) > GATEWAY_MOST_LOAD && needed < MOST_GATEWAYS) needed += 1;
  const gateways = needed + 1;
  if (byConnections >= MOST_GATEWAYS) return { tooMuch: "pods", load: gateways };
  if (needed === MOST_GATEWAYS) return { tooMuch: "gateway", load: total(gatewayLoad(demand, needed)) };
  const redis = redisLoad(demand, gateways);
  if (redis > REDIS_MOST_LOAD) return { tooMuch: "redis", load: redis };
  const { messagesPerSecond, messageBytes, receivers } = demand;
  const busBytes = costs.busBytes.perMessage + costs.busBytes.perByte * messageBytes;
  return {
    needed,
    gateways,
    decidedBy: needed > byConnections ? "CPU" : "connections",
    gatewayLoad: gatewayLoad(demand, needed),
    redisLoad: redis,
    bytesToClients: messagesPerSecond * receivers * (messageBytes + ENVELOPE_BYTES),
    bytesFromRedis: messagesPerSecond * gateways * busBytes,
    ...memoryFor(demand, demand.connections / needed),
    ...drainFor(demand.connections / needed, needed),
  };
}

function memoryFor(demand: Demand, perGateway: number) {
  const { messagesPerSecond, messageBytes, windowSeconds, connections } = demand;
  const wanted = messagesPerSecond * (messageBytes + STORED_BYTES) * windowSeconds;
  const recoveryMaxBytes = roundUp(Math.min(MOST_LOG_BYTES, Math.max(LEAST_LOG_BYTES, wanted)), 32 * MIB);
  const maxConnections = roundUp(CONNECTIONS_MARGIN * connections, 100);
  const recovery = { windowSeconds, maxBytes: `${recoveryMaxBytes}` };
  const spec = { recovery, limits: { maxConnections } } as Parameters<typeof redisBytes>[0];
  const gateway = gatewayBytes(spec) + SLOW_CLIENTS_BYTES + perGateway * CLIENT_BYTES;
  return {
    maxConnections,
    recoveryMaxBytes,
    heldSeconds: wanted === 0 ? windowSeconds : Math.min(windowSeconds, (windowSeconds * recoveryMaxBytes) / wanted),
    gatewayMemory: roundUp(MEMORY_MARGIN * gateway, 64 * MIB),
    redisMemory: roundUp(redisBytes(spec) / MAXMEMORY_SHARE, 64 * MIB),
  };
}

function drainFor(perGateway: number, others: number) {
  const acceptedPerSecond = (others * MOVE_LOAD * 1e6) / costs.gateway.connect;
  const wanted = Math.max(LEAST_DRAIN, perGateway / DRAIN_SECONDS);
  const drainPerSecond = Math.ceil(Math.min(acceptedPerSecond, wanted));
  const neededSeconds = (CONNECTIONS_MARGIN * perGateway) / drainPerSecond;
  return { drainPerSecond, drainSeconds: Math.max(LEAST_DRAIN_TIMEOUT, roundUp(neededSeconds, 60)) };
}

/** The smallest number of clusters that carry the demand together, if each gets the same part of it. */
export function clustersFor(demand: Demand): { clusters: number; each: Demand } | undefined {
  for (let clusters = 1; clusters <= MOST_CLUSTERS; clusters += 1) {
    const each = partOf(demand, clusters);
    // All receivers of a message must be clients of one cluster.
    if (each.receivers > each.connections) return undefined;
    if (!("tooMuch" in capacityFor(each))) return { clusters, each };
  }
  return undefined;
}

function partOf(demand: Demand, clusters: number): Demand {
  return {
    ...demand,
    connections: Math.ceil(demand.connections / clusters),
    // realtime plan prints these as flags, so round them before the check.
    messagesPerSecond: Math.ceil(demand.messagesPerSecond / clusters),
    connectsPerSecond: Math.ceil(demand.connectsPerSecond / clusters),
  };
}

/** The load of each of `count` gateways that share the demand evenly. */
export function gatewayLoad(demand: Demand, count: number): GatewayLoad {
  const { gateway } = costs;
  const { connections, messagesPerSecond, receivers, connectsPerSecond } = demand;
  const sent = messagesPerSecond / count;
  const received = messagesPerSecond - sent;
  const micros: GatewayLoad = {
    idle: gateway.idle + (connections / count) * gateway.idleClient,
    sending: sent * costAt(gateway.send, sent),
    receiving: received * costAt(gateway.receive, received),
    delivering: sent * receivers * gateway.deliver,
    connecting: (connectsPerSecond / count) * gateway.connect,
  };
  return Object.fromEntries(Object.entries(micros).map(([work, each]) => [work, each / 1e6])) as GatewayLoad;
}

export function redisLoad({ messagesPerSecond, connectsPerSecond }: Demand, gateways: number): number {
  const { redis } = costs;
  const messages = messagesPerSecond * redisMicros(messagesPerSecond, gateways);
  const connects = connectsPerSecond * redis.connect;
  return (messages + connects + gateways * redis.idlePerGateway) / 1e6;
}

/** CPU microseconds of Redis for one message. */
export function redisMicros(perSecond: number, gateways: number): number {
  const { message, fixedAsGateways } = costs.redis;
  return (costAt(message, perSecond) * (fixedAsGateways + gateways)) / (fixedAsGateways + MEASURED_GATEWAYS);
}

export const total = (load: GatewayLoad): number => Object.values(load).reduce((sum, share) => sum + share, 0);

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;
