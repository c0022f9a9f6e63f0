// The record of a test in which gateways fail while clients send messages. judge.ts checks this record against the
// promises in docs/protocol.md "Delivery". Each `at` comes from a counter of events that all clients share, so no two
// are equal.

/**
 * One message that was sent. `k` is 1 for the first message of this publisher to this room, 2 for the second, and so
 * on.
 */
export interface Publication {
  publisher: string;
  room: string;
  k: number;
  sentAt: number;
  answeredAt: number;
  /**
   * stored: the gateway acknowledged it after Redis had it. delivered: the gateway acknowledged it before Redis had it.
   * unknown: there was no answer, or the gateway died before Redis had it. refused: the gateway answered with an error.
   */
  outcome: "stored" | "delivered" | "unknown" | "refused";
}

/** One step of a client: something that it did or received. */
export type Observation =
  | { type: "connected"; at: number; isRecovered: boolean; socketId: string; lostRooms: readonly string[] }
  | { type: "asked"; at: number; to: "join" | "leave"; room: string }
  | { type: "answered"; at: number; to: "join" | "leave"; room: string }
  /** The gateway refused a message as if the client were not in the room, although the client had not left it. */
  | { type: "refused"; at: number; room: string; code: string }
  | { type: "received"; at: number; room: string; publisher: string; k: number }
  /** Another client was announced as joining or leaving the room. */
  | { type: "sighted"; at: number; what: "user_joined" | "user_left"; room: string; socketId: string };

export type Observed<T extends Observation["type"]> = Extract<Observation, { type: T }>;

/**
 * A period in which Redis was broken, or one gateway's connection to Redis. It starts with the fault and ends when
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
 * lost, doubled, disordered: a message did not arrive, arrived twice, or arrived in the wrong order. foreign: a message
 * arrived that was sent before the client joined the room or after it left. unrecovered: a client was not recovered
 * although there was no outage. refused: a gateway treated a member as if it were not in the room. flicker: a member
 * was announced as joining or leaving although it did neither.
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
  /** Number of reconnects after which the gateway told the client that it was not recovered. */
  fresh: number;
  judged: number;
}
