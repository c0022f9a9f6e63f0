/** In force for every gateway at once. Units are in the names where a limit is not a count. */
export interface Limits {
  maxConnections: number;
  maxConnectionsPerUser: number;
  maxRoomsPerUser: number;
  maxEventsPerMinute: number;
  maxMessageBytes: number;
  /** Handshakes per address per 15 minutes. */
  maxConnectionsPerAddress: number;
  /** Outbound, per connection; beyond it the client is cut. */
  maxQueuedBytes: number;
}

/** The least and the most a limit may be. */
export type Bounds = readonly [least: number, most: number];

/** Every limit. Environment, live configuration, metrics and documentation take the names from here. */
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

/** Every number of the live configuration: the limits, and how many connections a second all drains may move. */
export const liveBounds = {
  ...limitBounds,
  connectionsPerSecond: [1, 1_000_000],
} as const satisfies Record<string, Bounds>;
