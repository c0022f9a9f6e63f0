// What clients saw while a fleet ran under faults. judge.ts decides whether it keeps the promises of docs/protocol.md
// "Delivery". Every `at` is a tick of the test's one clock, which counts events, so no two are the same.

/** One message that was sent. `k` counts the messages of one publisher to one room, from 1. */
export interface Publication {
  publisher: string;
  room: string;
  k: number;
  sentAt: number;
  answeredAt: number;
  /**
   * stored: acknowledged, and in Redis. delivered: acknowledged, and in no Redis yet. unknown: no answer came, or its
   * gateway died before Redis had it. refused: the answer was an error.
   */
  outcome: "stored" | "delivered" | "unknown" | "refused";
}

/** What one client did and saw, in its order. */
export type Observation =
  | { type: "connected"; at: number; isRecovered: boolean; socketId: string; lostRooms: readonly string[] }
  | { type: "asked"; at: number; to: "join" | "leave"; room: string }
  | { type: "answered"; at: number; to: "join" | "leave"; room: string }
  /** An event for members was refused although the client had not left the room. */
  | { type: "refused"; at: number; room: string; code: string }
  | { type: "received"; at: number; room: string; publisher: string; k: number }
  /** Another member was announced to have entered or left. */
  | { type: "sighted"; at: number; what: "user_joined" | "user_left"; room: string; socketId: string };

export type Observed<T extends Observation["type"]> = Extract<Observation, { type: T }>;

/** A time in which Redis, or one gateway's link to it, was broken: from the fault until all was well again. */
export interface Outage {
  from: number;
  to: number;
}

export interface History {
  publications: readonly Publication[];
  clients: ReadonlyMap<string, readonly Observation[]>;
  outages: readonly Outage[];
}

/**
 * lost, doubled, disordered: of messages. foreign: sent before the client joined, or after it left. unrecovered: not
 * recovered without an outage. refused: not treated as a member. flicker: announced to have left or joined, though it
 * had not.
 */
export type FaultKind = "lost" | "doubled" | "disordered" | "foreign" | "unrecovered" | "refused" | "flicker";

export interface Fault {
  kind: FaultKind;
  client: string;
  at: number;
  room: string;
  publisher: string;
  k: number;
}

export interface Judgement {
  faults: Fault[];
  recoveries: number;
  /** Reconnects after which the client was told that it was not recovered. */
  fresh: number;
  judged: number;
}
