import type { LocalSockets, Peers } from "../../internals/socket-io-adapter.ts";
import type { Entry } from "../../recovery/message-ring.ts";
import type { EncodedEvent } from "../encoded-event.ts";

/**
 * Carries events to the other gateways. Local delivery never waits for the bus, and a publish never throws.
 * no-bus.ts is for a single gateway, redis-bus.ts for several.
 */
export interface Bus {
  /** Connects a namespace of this gateway to the bus. */
  join(local: LocalNamespace): NamespaceBus;
  /** Resolves once a Redis connection is up and Redis has confirmed every subscription. */
  whenReady(): Promise<void>;
  state(): BusState;
  /** Calls the listener on each change of state. */
  onChange(listener: (state: BusState) => void): void;
  close(): Promise<void>;
}

/**
 * A short text about this gateway. It is sent to all others with every canary (the message that tests the bus), and at
 * once by `announce`.
 */
export interface Announcements {
  text(): string;
  heard(nodeId: string, text: string): void;
}

/** A namespace of this gateway: its rooms and sockets, and the receiver of other gateways' events. */
export interface LocalNamespace extends LocalSockets {
  receive(event: EncodedEvent): void;
}

export interface NamespaceBus {
  /**
   * Sends an event to the other gateways, and stores its entry, if any, in the message log. Never throws; counts what
   * it cannot send.
   */
  publish(event: EncodedEvent, entry?: Entry): void;
  /** Sends requests about the sockets of all gateways, and answers the requests of other gateways. */
  readonly peers: Peers;
  leave(): void;
}

export interface BusState {
  /** never: no connection has been up yet. up: subscribed, and a canary came back. down: lost after it was up. */
  phase: "never" | "up" | "down";
  /** Round trip of the last canary through Redis, in milliseconds. */
  lagMs?: number;
  /** Why the bus is down: one sentence without credentials. */
  reason?: string;
  /** The Redis servers that this gateway cannot use. The bus is up while one other Redis works. */
  unusable?: readonly UnusableRedis[];
}

export interface UnusableRedis {
  /** host:port, without credentials. */
  redis: string;
  cause: BusCause;
  reason: string;
}

/** Why the bus does not use a Redis; a metric label. A cause that the ledger also reports has the same name there. */
export const busCauses = ["connecting", "unreachable", "timeout", "no-permission", "read-only"] as const;
export type BusCause = (typeof busCauses)[number];

/** Counters of the bus. All labels come from fixed lists. */
export interface BusObserver {
  published(): void;
  publishFailed(): void;
  received(): void;
  /** Called when a local member gets a message without a number. Recovery cannot deliver such a message again. */
  unnumbered?(): void;
  /** Called for a message from Redis that is malformed, unknown or too long. It is dropped. */
  dropped(reason: "malformed" | "oversized" | "unknown"): void;
}
