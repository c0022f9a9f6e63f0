/** CPU microseconds of one message, by the number of messages per second. */
export type CostByRate = readonly (readonly [perSecond: number, micros: number])[];

/**
 * What the work of a fleet costs, in CPU microseconds of one core. Measured by `make bench BENCH=scaling` with messages
 * of 300 bytes. A test compares these figures with the last measurement.
 */
export const costs = {
  gateway: {
    /** For each message of the gateway's clients: validation, limits, ack, and sending it to Redis. */
    send: [
      [60, 1_230],
      [250, 930],
      [1_000, 515],
      [2_500, 300],
    ],
    /** For each message of another gateway, also when no client of this gateway is in the room. */
    receive: [
      [60, 298],
      [250, 250],
      [1_000, 129],
      [2_500, 73],
    ],
    /** For each client that gets a message. */
    deliver: 15,
    /** For each client that connects and leaves. */
    connect: 2_140,
    /** For each connected client, per second: its ping and its answer. From `make bench BENCH=idle-cpu`. */
    idleClient: 2,
    /** For the process itself, per second. */
    idle: 14_500,
  },
  redis: {
    /** For each message, with two gateways. */
    message: [
      [60, 292],
      [250, 256],
      [1_000, 108],
      [2_500, 50],
    ],
    /** The part of this cost that does not depend on the number of gateways, as a number of gateways. */
    fixedAsGateways: 21,
    /** For each client that connects and leaves. It did not grow with the number of gateways. */
    connect: 530,
    /** For each gateway, per second: its lease, its test messages and its share of the sessions. */
    idlePerGateway: 1_170,
  },
  /** What Redis sends to each gateway for one message, in bytes. A message contains its data twice (ADR 8). */
  busBytes: { perMessage: 590, perByte: 2 },
} as const satisfies Costs;

interface Costs {
  gateway: {
    send: CostByRate;
    receive: CostByRate;
    deliver: number;
    connect: number;
    idleClient: number;
    idle: number;
  };
  redis: {
    message: CostByRate;
    fixedAsGateways: number;
    connect: number;
    idlePerGateway: number;
  };
  busBytes: { perMessage: number; perByte: number };
}

/**
 * The cost at a rate, from the two measured rates around it. Outside of the measured rates, the nearest one counts: no
 * message is taken to be cheaper than the cheapest that was measured.
 */
export function costAt(measured: CostByRate, perSecond: number): number {
  const above = measured.findIndex(([rate]) => rate >= perSecond);
  const [highRate, high] = measured.at(above)!;
  if (above <= 0) return high;
  const [lowRate, low] = measured[above - 1]!;
  const part = Math.log(perSecond / lowRate) / Math.log(highRate / lowRate);
  return low * (high / low) ** part;
}
