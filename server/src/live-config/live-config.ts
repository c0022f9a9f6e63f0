import { createHash } from "node:crypto";
import type { Limits } from "../ledger/ledger.ts";
import { isOrigin } from "../protocol/origins.ts";

export type RoomPolicy = "claims" | "open";

/** What may change while clients are connected. */
export interface LiveConfig {
  /** Grows with each change at the source; a lower one than the one in force is ignored. */
  generation: number;
  limits: Limits;
  /** Exact, or `*`. */
  origins: readonly string[];
  /** As it came: "Claims" and "claims" mean the same, and the hash is over what came. */
  rooms: RoomPolicy | "Claims" | "Open";
  drain: { connectionsPerSecond: number };
}

/** [least, most] of each number. */
export const limitBounds = {
  maxConnections: [1, 100_000_000],
  maxConnectionsPerUser: [1, 1_000_000],
  maxRoomsPerUser: [1, 1_000_000],
  maxEventsPerMinute: [1, 10_000_000],
  maxMessageBytes: [256, 104_857_600],
  maxConnectionsPerAddress: [1, 100_000_000],
  maxQueuedBytes: [16_384, 1_073_741_824],
  connectionsPerSecond: [1, 1_000_000],
} as const satisfies Record<keyof Limits | "connectionsPerSecond", readonly [number, number]>;

export type LiveConfigAnswer = { config: LiveConfig } | { problem: string };

/** Checks a body of PUT /config or of the mounted file; what it leaves out stays as it is in `current`. The problem names the field. */
export function parseLiveConfig(body: unknown, current: LiveConfig): LiveConfigAnswer {
  if (!isRecord(body)) return { problem: "the body must be a JSON object" };
  const unknown = unknownKey(body, ["generation", "limits", "origins", "rooms", "drain", "hash"]);
  if (unknown !== undefined) return { problem: `${unknown} is not a field of the live configuration` };
  const { generation, limits = {}, origins = current.origins, rooms = current.rooms, drain = {} } = body;
  if (!isWhole(generation, [0, Number.MAX_SAFE_INTEGER]))
    return { problem: "generation must be a whole number from 0" };
  if (!isRecord(limits)) return { problem: "limits must be an object" };
  const merged: Record<string, number> = { ...current.limits };
  for (const [name, value] of Object.entries(limits)) {
    if (name === "connectionsPerSecond" || !Object.hasOwn(limitBounds, name))
      return { problem: `limits.${name} is not a limit` };
    const bounds = limitBounds[name as keyof Limits];
    if (!isWhole(value, bounds))
      return { problem: `limits.${name} must be a whole number from ${bounds[0]} to ${bounds[1]}` };
    merged[name] = value;
  }
  if (
    !Array.isArray(origins) ||
    origins.length > 256 ||
    !origins.every((origin) => typeof origin === "string" && isOrigin(origin))
  ) {
    return { problem: 'origins must be a list of "*" or origins like https://app.example.com' };
  }
  if (rooms !== "claims" && rooms !== "open" && rooms !== "Claims" && rooms !== "Open")
    return { problem: "rooms must be Claims or Open" };
  if (!isRecord(drain)) return { problem: "drain must be an object" };
  const strange = unknownKey(drain, ["connectionsPerSecond"]);
  if (strange !== undefined) return { problem: `drain.${strange} is not a field of the live configuration` };
  const connectionsPerSecond = drain.connectionsPerSecond ?? current.drain.connectionsPerSecond;
  const [least, most] = limitBounds.connectionsPerSecond;
  if (!isWhole(connectionsPerSecond, [least, most]))
    return { problem: `drain.connectionsPerSecond must be a whole number from ${least} to ${most}` };
  return {
    config: {
      generation,
      limits: merged as unknown as Limits,
      origins: origins as string[],
      rooms,
      drain: { connectionsPerSecond },
    },
  };
}

/** The policy that a live configuration asks for. */
export function roomPolicy({ rooms }: Pick<LiveConfig, "rooms">): RoomPolicy {
  return rooms.toLowerCase() as RoomPolicy;
}

/** SHA-256, in hex, over the JSON of the configuration with all keys sorted and no spaces. */
export function hashOf({ generation, limits, origins, rooms, drain }: LiveConfig): string {
  return createHash("sha256").update(canonicalJson({ generation, limits, origins, rooms, drain })).digest("hex");
}

/** JSON with the keys of every object sorted, no spaces. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${fields.join(",")}}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownKey(value: Record<string, unknown>, known: readonly string[]): string | undefined {
  return Object.keys(value).find((key) => !known.includes(key));
}

function isWhole(value: unknown, [least, most]: readonly [number, number]): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
