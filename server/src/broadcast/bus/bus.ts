import type { LocalSockets, Peers } from "../../internals/socket-io-adapter.ts";
import type { Entry } from "../../recovery/message-ring.ts";
import type { EncodedEvent } from "../encoded-event.ts";

/**
 * Carries events to the other gateways. Local delivery never waits for the bus, and `publish` never throws. A single
 * gateway uses no-bus.ts; several gateways use redis-bus.ts.
 */
export interface Bus {
  /** Connects a namespace of this gateway to the bus. */
  join(local: LocalNamespace): NamespaceBus;
  /** Resolves when the connections to a Redis are up and this Redis has confirmed every subscription. */
  whenReady(): Promise<void>;
  state(): BusState;
  /** Calls the listener on each change of the phase. */
  onChange(listener: (state: BusState) => void): void;
  close(): Promise<void>;
}

/**
 * A short text about this gateway for all other gateways. The bus adds it to every canary (the message by which a
 * gateway tests the bus), and `announce` sends it at once.
 */
export interface Announcements {
  text(): string;
  heard(nodeId: string, text: string): void;
}

/** A namespace of this gateway: its rooms and sockets, and `receive`, which delivers the events of other gateways. */
export interface LocalNamespace extends LocalSockets {
  receive(event: EncodedEvent): void;
}

export interface NamespaceBus {
  /**
   * Sends an event to the other gateways. If there is an entry, it is also stored in the message log. Never throws;
   * counts events that it cannot send.
   */
  publish(event: EncodedEvent, entry?: Entry): void;
  /** Sends requests about sockets to all gateways, and answers the requests of other gateways. */
  readonly peers: Peers;
  leave(): void;
}

export interface BusState {
  /**
   * never: no Redis has been usable yet. up: this gateway is subscribed, and its test message (canary) came back. down:
   * it was up before, and no Redis is usable now.
   */
  phase: "never" | "up" | "down";
  /** Milliseconds from sending the last test message (canary) until it came back from Redis. */
  lagMs?: number;
  /** Why the bus is down, in one sentence without credentials. */
  reason?: string;
  /** The Redis servers that this gateway cannot use. The bus stays up while at least one Redis is usable. */
  unusable?: readonly UnusableRedis[];
}

export interface UnusableRedis {
  /** host:port, without credentials. */
  redis: string;
  cause: BusCause;
  reason: string;
}

/**
 * Why the bus does not use a Redis server. It is a metric label. The ledger uses the same names for the same causes.
 */
export const busCauses = ["connecting", "unreachable", "timeout", "no-permission", "read-only"] as const;
export type BusCause = (typeof busCauses)[number];

/** Counters of the bus. All labels come from fixed lists. */
export interface BusObserver {
  published(): void;
  publishFailed(): void;
  received(): void;
  /**
   * Called when a local member gets a message that has no number in the message log. Recovery cannot send this message
   * again to a client that missed it.
   */
  unnumbered?(): void;
  /** Called when the bus drops a message from Redis because it is malformed, unknown or too long. */
  dropped(reason: "malformed" | "oversized" | "unknown"): void;
}
