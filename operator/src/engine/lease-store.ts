/** A lease as in coordination.k8s.io; times in milliseconds since 1970. */
export interface LeaseRecord {
  /** Empty when no process holds the lease. */
  holder: string;
  durationSeconds: number;
  acquiredMs: number;
  renewedMs: number;
  transitions: number;
  /** Precondition of the next write. Undefined when there is no lease yet. */
  version?: string;
}

/** Where the lease of an election is stored: a Lease object (kube/lease.ts), or memory in tests. */
export interface LeaseStore {
  read: (signal: AbortSignal) => Promise<LeaseRecord | undefined>;
  /** Creates or replaces the lease and returns what is stored; undefined when another process wrote first. */
  write: (record: LeaseRecord, signal: AbortSignal) => Promise<LeaseRecord | undefined>;
}
