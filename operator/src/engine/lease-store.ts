/** A lease as coordination.k8s.io has it; times in milliseconds since 1970. */
export interface LeaseRecord {
  /** "" when it was given back. */
  holder: string;
  durationSeconds: number;
  acquiredMs: number;
  renewedMs: number;
  transitions: number;
  /** Precondition of the next write; absent when there is no lease yet. */
  version?: string;
}

/**
 * Where the one lease is kept that all who stand for election ask for: a Lease object (kube/lease.ts), or memory in a
 * test.
 */
export interface LeaseStore {
  read: (signal: AbortSignal) => Promise<LeaseRecord | undefined>;
  /** Creates or replaces, and answers what stands then; undefined when somebody else was quicker. */
  write: (record: LeaseRecord, signal: AbortSignal) => Promise<LeaseRecord | undefined>;
}
