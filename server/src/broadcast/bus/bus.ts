import type { LocalSockets, Peers } from "../../internals/socket-io-adapter.ts";
import type { Entry } from "../../recovery/message-ring.ts";
import type { EncodedEvent } from "../encoded-event.ts";

/**
 * Carries events to the other gateways. Local delivery never waits for it, a publish never throws, and every message is
 * checked before it is used. no-bus.ts is for one gateway, redis-bus.ts for many.
 */
export interface Bus {
  /** Connects a namespace of this gateway. */
  join(local: LocalNamespace): NamespaceBus;
  /** Resolves once a connection is up with every subscription confirmed. */
  whenReady(): Promise<void>;
  state(): BusState;
  /** Called on each change of state. */
  onChange(listener: (state: BusState) => void): void;
  close(): Promise<void>;
}

/** A short text that each gateway sends to all others, with every canary and whenever it calls `announce`. */
export interface Announcements {
  text(): string;
  heard(nodeId: string, text: string): void;
}

/** A namespace of this gateway: its rooms and sockets, and where events of the other gateways go. */
export interface LocalNamespace extends LocalSockets {
  receive(event: EncodedEvent): void;
}

export interface NamespaceBus {
  /** Sends an event to the other gateways; one with an entry goes into the log as well. Never throws; what cannot be sent is counted. */
  publish(event: EncodedEvent, entry?: Entry): void;
  /** Answers requests that concern the sockets of all gateways, and answers those of the others. */
  readonly peers: Peers;
  leave(): void;
}

export interface BusState {
  /** never: no connection has been up yet. up: subscribed, and a canary has come back. down: lost after it was up. */
  phase: "never" | "up" | "down";
  /** Round trip of the last canary through Redis. */
  lagMs?: number;
  /** Why it is down, as one sentence without credentials. */
  reason?: string;
  /** The Redis servers of the bus that this gateway cannot use. The bus is up while it can use another. */
  unusable?: readonly UnusableRedis[];
}

export interface UnusableRedis {
  /** host:port, without credentials. */
  redis: string;
  cause: BusCause;
  reason: string;
}

/** Why a Redis of the bus is not used: a metric's label, named like the ledger's reasons where they mean the same. */
export const busCauses = ["connecting", "unreachable", "timeout", "no-permission", "read-only"] as const;
export type BusCause = (typeof busCauses)[number];

/** Counters of the bus, from closed label sets. */
export interface BusObserver {
  published(): void;
  publishFailed(): void;
  received(): void;
  /** For a member here, from a publisher that does not number its messages: delivered, and not recoverable. */
  unnumbered?(): void;
  /** Malformed, foreign or oversized messages from Redis, dropped. */
  dropped(reason: "malformed" | "oversized" | "unknown"): void;
}
