// Computes how much memory recovery and the ledger need. The factors were measured with a real Redis and a real ring
// (docs/tuning.md).
import type { Spec } from "../api/realtime-cluster.ts";
import { quantityOf } from "./shared/quantity.ts";

const MIB = 2 ** 20;

/**
 * Bytes of a gateway's memory for each byte of spec.recovery.maxBytes. Besides the messages themselves, memory holds
 * their objects, and some free space in the blocks that store the texts.
 */
export const RING_FACTOR = 2;
/**
 * Bytes of Redis' memory for each byte of spec.recovery.maxBytes. Measured: 0.6 with messages of 100 bytes, and 1.09
 * with messages of 2 kB. The rest is a margin.
 */
export const LOG_FACTOR = 1.25;
/** Memory of Redis without data: the process, its clients and its scripts. */
const REDIS_BASE_BYTES = 8 * MIB;
/**
 * Memory of Redis for one client in five rooms: 1.2 kB in the ledger, and 0.7 kB for each stored session. A client may
 * have two sessions, because its old one may still be stored.
 */
const REDIS_CONNECTION_BYTES = 3 * 1024;
/** Memory of a gateway that has just started (docs/tuning.md). */
export const GATEWAY_BASE_BYTES = 128 * MIB;

/**
 * The most bytes of recent messages that each gateway and Redis keep, so that a client that reconnects gets what it
 * missed.
 */
export function recoveryBytes({ recovery }: Pick<Spec, "recovery">): number {
  return Math.floor(quantityOf(recovery.maxBytes) ?? 0);
}

/** Memory that a gateway needs before any client has connected, in bytes. */
export function gatewayBytes(spec: Pick<Spec, "recovery">): number {
  return GATEWAY_BASE_BYTES + (isOn(spec) ? RING_FACTOR * recoveryBytes(spec) : 0);
}

/**
 * Memory that Redis needs when the message log has its full size and the ledger counts maxConnections connections, in
 * bytes.
 */
export function redisBytes(spec: Pick<Spec, "recovery" | "limits">): number {
  const log = isOn(spec) ? LOG_FACTOR * recoveryBytes(spec) : 0;
  return REDIS_BASE_BYTES + spec.limits.maxConnections * REDIS_CONNECTION_BYTES + log;
}

/** A memory quantity in MiB, rounded up. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)}Mi`;
}

function isOn({ recovery }: Pick<Spec, "recovery">): boolean {
  return recovery.windowSeconds > 0;
}
