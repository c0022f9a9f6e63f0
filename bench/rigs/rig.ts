export interface Rig {
  port: number;
  /** The process of the server, if it is not the process that receives the commands. */
  pid?: number;
  /** Sends the event ["m", data] to all members of the room, as an application would. */
  emit(room: string, data: string): void;
  /** Number of members of the room. The load generator waits until all its clients have joined. */
  members(room: string): number;
  /** Called after all messages of a turn of the event loop were emitted. For servers that send them in one write. */
  endOfTurn?(): void;
  /** What the server uses, if it is a process of its own. "collecting": after a full garbage collection. */
  usage?(after?: "collecting"): Promise<Usage>;
  /** Makes requests of its own, for a client under test. */
  ask?(count: number, inFlight: number): Promise<void>;
}

export interface RigOptions {
  secret: string;
  /** URL of the Redis that servers with a bus use. */
  redisUrl: string | undefined;
  /**
   * usual: the server sends pings as in production, and clients must answer them. Default: it sends no pings, because
   * clients that only count bytes do not answer.
   */
  pings?: "usual";
  /** The handler of a gateway's events. */
  handlerUrl?: string;
  /** The request that a client under test makes. */
  request?: { url: string; headers: Record<string, string>; body: string };
}

/** Commands that the load generator sends to the process of a server under test. */
export type Command =
  | { do: "burst"; room: string; bytes: number; perTurn: number; turns: number; window: number }
  | { do: "credit"; turns: number }
  | { do: "ask"; count: number; inFlight: number }
  | { do: "stream"; room: string; bytes: number; perSecond: number; seconds: number }
  | { do: "usage"; after?: "collecting" }
  | { do: "profile"; step: "start" | "stop" }
  | { do: "members"; room: string };

export interface Usage {
  cpuMicros: number;
  rssBytes: number;
  /** The fields from here on are 0 for a server that is not written for Node. */
  userMicros: number;
  heapBytes: number;
  /** The longest time, in milliseconds, that one turn of the event loop took since the last request for this figure. */
  longestStallMs: number;
}

export type Reply =
  | { at: "listening"; port: number; pid: number }
  | { at: "usage"; usage: Usage }
  | { at: "members"; count: number }
  | { at: "sent"; messages: number }
  | { at: "asked" }
  | { at: "profile"; profile: CpuProfile };

/**
 * A profile of V8's sampling profiler: the call tree, the node of this tree for each sample, and the time between
 * samples.
 */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}
