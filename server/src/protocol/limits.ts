/** The limits that every gateway enforces. A limit that is not a count has its unit in the name. */
export interface Limits {
  maxConnections: number;
  maxConnectionsPerUser: number;
  maxRoomsPerUser: number;
  maxEventsPerMinute: number;
  maxMessageBytes: number;
  /** Handshakes per address per 15 minutes. */
  maxConnectionsPerAddress: number;
  /** Outbound bytes queued per connection; a client above it is disconnected. */
  maxQueuedBytes: number;
}

/** The smallest and the largest allowed value of a limit. */
export type Bounds = readonly [least: number, most: number];

/** Every limit. Environment, live configuration, metrics and docs take the names from here. */
export const limitBounds = {
  maxConnections: [1, 100_000_000],
  maxConnectionsPerUser: [1, 1_000_000],
  maxRoomsPerUser: [1, 1_000_000],
  maxEventsPerMinute: [1, 10_000_000],
  maxMessageBytes: [256, 104_857_600],
  maxConnectionsPerAddress: [1, 100_000_000],
  maxQueuedBytes: [16_384, 1_073_741_824],
} as const satisfies Record<keyof Limits, Bounds>;

export type LimitName = keyof typeof limitBounds;

export const limitNames = Object.keys(limitBounds) as LimitName[];

/** Seconds for which a session of an absent client is kept, and for which other members still see the client. */
export const recoveryBounds = {
  windowSeconds: [0, 3_600],
  presenceGraceSeconds: [0, 3_600],
} as const satisfies Record<string, Bounds>;

/** Every number of the live configuration: limits, recovery, the rate of all moves together, and when they are due. */
export const liveBounds = {
  ...limitBounds,
  ...recoveryBounds,
  connectionsPerSecond: [1, 1_000_000],
  maxConnectionAgeSeconds: [0, 2_592_000],
} as const satisfies Record<string, Bounds>;
