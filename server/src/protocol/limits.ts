/** The limits that every gateway enforces. If a limit is not a number of things, its name contains the unit. */
export interface Limits {
  maxConnections: number;
  maxConnectionsPerUser: number;
  maxRoomsPerUser: number;
  maxEventsPerMinute: number;
  maxMessageBytes: number;
  /** Maximum number of handshakes of one IP address in 15 minutes. */
  maxConnectionsPerAddress: number;
  /** Maximum number of bytes that wait to be sent on one connection. A client with more is disconnected. */
  maxQueuedBytes: number;
}

/** The lowest and the highest allowed value of a setting. */
export type Bounds = readonly [least: number, most: number];

/**
 * The bounds of all limits. The environment, the live configuration, metrics and docs take the names of the limits from
 * here.
 */
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

/**
 * Bounds of two times in seconds: how long a disconnected client's session is stored, and after what time the other
 * members are told that the client has left.
 */
export const recoveryBounds = {
  windowSeconds: [0, 3_600],
  presenceGraceSeconds: [0, 3_600],
} as const satisfies Record<string, Bounds>;

/**
 * Bounds of all numbers in the live configuration: limits, recovery, the rate at which all gateways together move
 * connections, and the age at which a connection is moved.
 */
export const liveBounds = {
  ...limitBounds,
  ...recoveryBounds,
  connectionsPerSecond: [1, 1_000_000],
  maxConnectionAgeSeconds: [0, 2_592_000],
} as const satisfies Record<string, Bounds>;
