import { createHash } from "node:crypto";
import {
  limitBounds,
  liveBounds,
  recoveryBounds,
  type Bounds,
  type LimitName,
  type Limits,
} from "../protocol/limits.ts";
import { isOrigin } from "../protocol/origins.ts";
import { problemsOfHandlers, type HandlerSpec } from "./handler-entries.ts";

export type RoomPolicy = "claims" | "open";

/** Settings that can change while clients are connected. */
export interface LiveConfig {
  /**
   * Increases with each change of the RealtimeCluster. The gateway ignores a configuration with a lower number than its
   * present one.
   */
  generation: number;
  limits: Limits;
  /** Origins without patterns, or `*`. */
  origins: readonly string[];
  /**
   * The text as it was sent. "Claims" and "claims" mean the same, but the hash is computed from the text, so do not
   * change it.
   */
  rooms: RoomPolicy | "Claims" | "Open";
  drain: { connectionsPerSecond: number };
  /** Connections of about this age are moved to other gateways. 0: no connection is moved because of its age. */
  maxConnectionAgeSeconds: number;
  /** If windowSeconds is 0, recovery is off. */
  recovery: { windowSeconds: number; presenceGraceSeconds: number };
  /** The application's handlers as they were sent. Undefined if they were never sent. */
  handlers?: readonly HandlerSpec[];
}

/** Fields that older operators do not send. */
export const newerFields = ["recovery", "maxConnectionAgeSeconds"] as const;
type NewerField = (typeof newerFields)[number];

/** A configuration as it was sent. Older senders do not know the newer fields. */
export type SentConfig = Omit<LiveConfig, NewerField> & Partial<Pick<LiveConfig, NewerField>>;

export type LiveConfigAnswer = { config: LiveConfig } | { problem: string };

type Fields = Record<string, unknown>;
type Problem = string | undefined;

const MAX_ORIGINS = 256;
const anyGeneration: Bounds = [0, Number.MAX_SAFE_INTEGER];

/**
 * Checks the body of PUT /config or the content of the mounted file. A missing field keeps its value of `current`. A
 * problem names its field.
 */
export function parseLiveConfig(body: unknown, current: LiveConfig): LiveConfigAnswer {
  if (!isRecord(body)) return { problem: "the body must be a JSON object" };
  const kept = { ...current, generation: undefined, limits: {}, drain: {}, recovery: {} };
  const all: Fields = { ...kept, ...body };
  const { generation, limits, origins, rooms, drain, maxConnectionAgeSeconds, recovery, handlers } = all;
  const fields = { generation, limits, origins, rooms, drain, maxConnectionAgeSeconds, recovery, handlers };
  const problem = unknownField(body, [...Object.keys(fields), "hash"]) ?? problemOf(fields);
  if (problem !== undefined) return { problem };
  return {
    config: {
      generation: generation as number,
      limits: { ...current.limits, ...(limits as Partial<Limits>) },
      origins: origins as string[],
      rooms: rooms as LiveConfig["rooms"],
      drain: { ...current.drain, ...(drain as Partial<LiveConfig["drain"]>) },
      maxConnectionAgeSeconds: maxConnectionAgeSeconds as number,
      recovery: { ...current.recovery, ...(recovery as Partial<LiveConfig["recovery"]>) },
      ...handlersOf(handlers),
    },
  };
}

function problemOf(fields: Fields): Problem {
  return (
    problemOfGeneration(fields["generation"]) ??
    problemOfLimits(fields["limits"]) ??
    problemOfOrigins(fields["origins"]) ??
    problemOfRooms(fields["rooms"]) ??
    problemOfDrain(fields["drain"]) ??
    problemOfMaxAge(fields["maxConnectionAgeSeconds"]) ??
    problemOfRecovery(fields["recovery"]) ??
    problemOfHandlers(fields["handlers"])
  );
}

function problemOfGeneration(generation: unknown): Problem {
  return isWhole(generation, anyGeneration) ? undefined : "generation must be a whole number from 0";
}

function problemOfLimits(limits: unknown): Problem {
  if (!isRecord(limits)) return "limits must be an object";
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(limitBounds, name)) return `limits.${name} is not a limit`;
    const [least, most] = limitBounds[name as LimitName];
    if (!isWhole(value, [least, most])) return `limits.${name} must be a whole number from ${least} to ${most}`;
  }
  return undefined;
}

function problemOfOrigins(origins: unknown): Problem {
  const isList = Array.isArray(origins) && origins.length <= MAX_ORIGINS;
  return isList && origins.every((origin) => typeof origin === "string" && isOrigin(origin))
    ? undefined
    : 'origins must be a list of "*" or origins like https://app.example.com';
}

function problemOfRooms(rooms: unknown): Problem {
  const known: readonly unknown[] = ["claims", "open", "Claims", "Open"];
  return known.includes(rooms) ? undefined : "rooms must be Claims or Open";
}

function problemOfDrain(drain: unknown): Problem {
  if (!isRecord(drain)) return "drain must be an object";
  const unknown = unknownField(drain, ["connectionsPerSecond"], "drain.");
  if (unknown !== undefined || drain.connectionsPerSecond === undefined) return unknown;
  const [least, most] = liveBounds.connectionsPerSecond;
  return isWhole(drain.connectionsPerSecond, [least, most])
    ? undefined
    : `drain.connectionsPerSecond must be a whole number from ${least} to ${most}`;
}

function problemOfMaxAge(maxAge: unknown): Problem {
  const [least, most] = liveBounds.maxConnectionAgeSeconds;
  return isWhole(maxAge, [least, most])
    ? undefined
    : `maxConnectionAgeSeconds must be a whole number of seconds from ${least} to ${most}; 0: connections stay`;
}

function problemOfHandlers(handlers: unknown): Problem {
  return handlers === undefined ? undefined : problemsOfHandlers(handlers, "handlers")[0];
}

/**
 * Leaves out the field `handlers` if handlers were never sent, so that the hash is the same as that of older gateways.
 */
function handlersOf(handlers: unknown): Pick<LiveConfig, "handlers"> {
  return handlers === undefined ? {} : { handlers: handlers as HandlerSpec[] };
}

function problemOfRecovery(recovery: unknown): Problem {
  if (!isRecord(recovery)) return "recovery must be an object";
  const unknown = unknownField(recovery, Object.keys(recoveryBounds), "recovery.");
  if (unknown !== undefined) return unknown;
  for (const [name, [least, most]] of Object.entries(recoveryBounds)) {
    const value = recovery[name];
    if (value === undefined || isWhole(value, [least, most])) continue;
    const off = name === "windowSeconds" ? "; 0 turns recovery off" : "";
    return `recovery.${name} must be a whole number of seconds from ${least} to ${most}${off}`;
  }
  return undefined;
}

/** The room policy of a live configuration, in lower case. */
export function roomPolicy({ rooms }: Pick<LiveConfig, "rooms">): RoomPolicy {
  return rooms.toLowerCase() as RoomPolicy;
}

/**
 * The hash of a configuration: SHA-256, in hex, of its JSON with sorted keys and without spaces. Older senders compute
 * it without the fields that they do not know.
 */
export function hashOf(config: SentConfig): string {
  const { generation, limits, origins, rooms, drain, handlers } = config;
  const known = newerFields.filter((field) => config[field] !== undefined);
  const newer = Object.fromEntries(known.map((field) => [field, config[field]]));
  const content = { generation, limits, origins, rooms, drain, ...newer, ...handlersOf(handlers) };
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

/** JSON without spaces. The keys of each object are sorted. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${fields.join(",")}}`;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownField(value: Fields, known: readonly string[], prefix = ""): Problem {
  const found = Object.keys(value).find((key) => !known.includes(key));
  return found === undefined ? undefined : `${prefix}${found} is not a field of the live configuration`;
}

function isWhole(value: unknown, [least, most]: Bounds): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
