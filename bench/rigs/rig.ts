/** A server under test, inside its own process. */
export interface Rig {
  port: number;
  /** Sends ["m", data] to everyone in the room, as an application would. */
  emit(room: string, data: string): void;
  /** Sockets in the room; the load generator waits for it before it starts. */
  members(room: string): number;
  /** Called once per turn when the emits of a turn are done: for the floor, which has no adapter to do it. */
  endOfTurn?(): void;
}

export interface RigOptions {
  secret: string;
  /** Where the peers with a bus meet. */
  redisUrl: string | undefined;
}

/** What the load generator may ask of a rig's process. */
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
}

export type Reply =
  | { at: "listening"; port: number }
  | { at: "usage"; usage: Usage }
  | { at: "members"; count: number }
  | { at: "sent"; messages: number }
  | { at: "profile"; profile: CpuProfile };

/** What V8's sampling profiler tells: a tree of frames, and the frame each sample found, with the time since the one before. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}
