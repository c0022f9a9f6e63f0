import type { Adapter } from "socket.io-adapter";

/**
 * What carries a broadcast to the other nodes. Local delivery never waits for it, a publish never throws, and what comes
 * in is decoded under guard. no-bus.ts is for one node, redis-bus.ts for many.
 */
export interface Bus {
  /** The class (or factory) Socket.IO makes one adapter per namespace from: io.adapter(bus.adapter). */
  readonly adapter: typeof Adapter;
  /** Resolves when the first connection stands and every subscription is confirmed, and stays pending until then. */
  whenReady(): Promise<void>;
  state(): BusState;
  /** Called on each change of state. */
  onChange(listener: (state: BusState) => void): void;
  close(): Promise<void>;
}

/** A short text that each node sends to all others once a second, over every Redis of the bus, and whenever it says so. */
export interface Announcements {
  text(): string;
  heard(nodeId: string, text: string): void;
}

export interface BusState {
  /** never: no connection has stood yet. up: subscribed and proven by a canary. down: lost after it stood. */
  phase: "never" | "up" | "down";
  /** Round trip of the last canary through Redis. */
  lagMs?: number;
  /** Why it is down, as one sentence without credentials. */
  reason?: string;
}

/** Counters of the bus, from closed label sets. */
export interface BusObserver {
  published(): void;
  publishFailed(): void;
  received(): void;
  /** Malformed, foreign or oversized messages from the wire, dropped. */
  dropped(reason: "malformed" | "oversized" | "unknown"): void;
}
