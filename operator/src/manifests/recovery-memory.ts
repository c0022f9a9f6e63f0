// How much memory recovery and the ledger need. Measured with a real Redis and a real ring (docs/tuning.md).
import type { Spec } from "../api/realtime-cluster.ts";
import { quantityOf } from "./shared/quantity.ts";

const MIB = 2 ** 20;

/** Memory of a gateway for each byte of maxBytes: the objects around the texts, and the blocks that hold the texts. */
export const RING_FACTOR = 2;
/** Memory of Redis for each byte of maxBytes: 0.6 with messages of 100 bytes, 1.09 with 2 kB, and some room. */
export const LOG_FACTOR = 1.25;
/** Redis itself, its clients and its scripts. */
const REDIS_BASE_BYTES = 8 * MIB;
/** A client in five rooms: 1.2 kB in the ledger, and two sessions of 0.7 kB, of which one may be an old one. */
const REDIS_CONNECTION_BYTES = 3 * 1024;
/** A gateway that has just started (docs/tuning.md). */
export const GATEWAY_BASE_BYTES = 128 * MIB;

/** Bytes of the messages that each gateway and Redis keep for clients that return. */
export function recoveryBytes({ recovery }: Pick<Spec, "recovery">): number {
  return Math.floor(quantityOf(recovery.maxBytes) ?? 0);
}

/** Bytes that a gateway needs without clients. */
export function gatewayBytes(spec: Pick<Spec, "recovery">): number {
  return GATEWAY_BASE_BYTES + (isOn(spec) ? RING_FACTOR * recoveryBytes(spec) : 0);
}

/** Bytes that Redis needs when log and ledger are full. */
export function redisBytes(spec: Pick<Spec, "recovery" | "limits">): number {
  const log = isOn(spec) ? LOG_FACTOR * recoveryBytes(spec) : 0;
  return REDIS_BASE_BYTES + spec.limits.maxConnections * REDIS_CONNECTION_BYTES + log;
}

/** A quantity of whole MiB, rounded up. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)}Mi`;
}

function isOn({ recovery }: Pick<Spec, "recovery">): boolean {
  return recovery.windowSeconds > 0;
}
