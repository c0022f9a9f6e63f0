/** A lease with the fields of a Lease in coordination.k8s.io. Times are in milliseconds since 1970. */
export interface LeaseRecord {
  /** Empty when no process holds the lease. */
  holder: string;
  durationSeconds: number;
  acquiredMs: number;
  renewedMs: number;
  transitions: number;
  /** The store writes the next record only if it still has this version. Undefined when no lease exists yet. */
  version?: string;
}

/** Where an election stores its lease: in a Lease object (kube/lease.ts), or in memory in tests. */
export interface LeaseStore {
  read: (signal: AbortSignal) => Promise<LeaseRecord | undefined>;
  /**
   * Creates or replaces the lease, and returns the stored lease. Undefined when another process has written since this
   * process read the lease.
   */
  write: (record: LeaseRecord, signal: AbortSignal) => Promise<LeaseRecord | undefined>;
}
