// What clients saw while a fleet ran under faults. judge.ts decides whether it keeps the promises of docs/protocol.md
// "Delivery". Every `at` is a tick of the test's one clock, which counts events, so no two are the same.

/** One message that was sent. `k` is its number among the messages of this publisher to this room, from 1. */
export interface Publication {
  publisher: string;
  room: string;
  k: number;
  sentAt: number;
  answeredAt: number;
  /**
   * stored: acknowledged, and in Redis. delivered: acknowledged, but Redis did not have it yet. unknown: no answer
   * came, or the gateway died before Redis had the message. refused: the answer was an error.
   */
  outcome: "stored" | "delivered" | "unknown" | "refused";
}

/** What one client did and saw, in order. */
export type Observation =
  | { type: "connected"; at: number; isRecovered: boolean; socketId: string; lostRooms: readonly string[] }
  | { type: "asked"; at: number; to: "join" | "leave"; room: string }
  | { type: "answered"; at: number; to: "join" | "leave"; room: string }
  /** A refusal that only a client outside the room should get, although the client had not left the room. */
  | { type: "refused"; at: number; room: string; code: string }
  | { type: "received"; at: number; room: string; publisher: string; k: number }
  /** An announcement that another member has entered or left. */
  | { type: "sighted"; at: number; what: "user_joined" | "user_left"; room: string; socketId: string };

export type Observed<T extends Observation["type"]> = Extract<Observation, { type: T }>;

/**
 * A time in which Redis, or the connection of one gateway to it, was broken. It begins with the fault and ends when
 * everything works again.
 */
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
 * lost, doubled, disordered: faults of messages. foreign: a message that was sent before the client joined, or after it
 * left. unrecovered: a client was not recovered, and there was no outage. refused: a member was not treated as one.
 * flicker: a member was announced to have left or joined, and had not.
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
  /** Number of reconnects after which the client was informed that it was not recovered. */
  fresh: number;
  judged: number;
}
