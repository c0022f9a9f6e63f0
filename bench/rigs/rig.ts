/** A server under test, in its own process. */
export interface Rig {
  port: number;
  /** Sends ["m", data] to everyone in the room, as an application would. */
  emit(room: string, data: string): void;
  /** Number of sockets in the room. The load generator waits for this number before it starts. */
  members(room: string): number;
  /** Called after the emits of each turn, for a server without an adapter. */
  endOfTurn?(): void;
}

export interface RigOptions {
  secret: string;
  /** URL of the Redis that peers with a bus share. */
  redisUrl: string | undefined;
  /** usual: pings as in production, which the clients must answer. Default: none, for clients that only count bytes. */
  pings?: "usual";
}

/** Commands of the load generator to a rig's process. */
export type Command =
  | { do: "burst"; room: string; bytes: number; perTurn: number; turns: number; window: number }
  | { do: "credit"; turns: number }
  | { do: "stream"; room: string; bytes: number; perSecond: number; seconds: number }
  | { do: "usage"; after?: "collecting" }
  | { do: "profile"; step: "start" | "stop" }
  | { do: "members"; room: string };

export interface Usage {
  cpuMicros: number;
  userMicros: number;
  rssBytes: number;
  heapBytes: number;
  /** The longest time without a turn of the event loop, since this figure was last requested. */
  longestStallMs: number;
}

export type Reply =
  | { at: "listening"; port: number }
  | { at: "usage"; usage: Usage }
  | { at: "members"; count: number }
  | { at: "sent"; messages: number }
  | { at: "profile"; profile: CpuProfile };

/**
 * The result of V8's sampling profiler: a tree of frames, and for each sample its frame and the time since the previous
 * sample.
 */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}
