/** What the fleet looked like in one second. */
export interface Sample {
  atMs: number;
  /** Clients that came back in this second. */
  reconnects: number;
  /** By pod. A pod that does not answer is missing. */
  connections: Record<string, number>;
  /** Clients that are not connected. */
  away: number;
}

export interface Outcome {
  fault: string;
  beganMs: number;
  endedMs: number;
  seconds: number;
  moved: number;
  recovered: number;
  unrecovered: number;
  replayed: number;
  lost: number;
  doubled: number;
  longestSilenceMs: number;
  operatorWrites: number;
  /** Seconds from the end of the fault to the operator's last write. Missing: it still wrote after a minute. */
  silentAfterSeconds?: number;
  /** Why the outcome is below the bar. */
  problems: string[];
}

/** The figures of one run of `make chaos`. */
export interface ChaosResult {
  seed: number;
  clients: number;
  messagesPerSecond: number;
  outcomes: Outcome[];
  samples: Sample[];
}
