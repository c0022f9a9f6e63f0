import { createHash } from "node:crypto";
import { limitBounds, liveBounds, type Bounds, type LimitName, type Limits } from "../protocol/limits.ts";
import { isOrigin } from "../protocol/origins.ts";
import { problemsOfHandlers, type HandlerSpec } from "./handler-entries.ts";

export type RoomPolicy = "claims" | "open";

/** Settings that can change while clients are connected. */
export interface LiveConfig {
  /** Increases with each change in the resource. The gateway ignores a lower number than its current one. */
  generation: number;
  limits: Limits;
  /** Exact origins, or `*`. */
  origins: readonly string[];
  /** Keeps the spelling: "Claims" and "claims" mean the same, but the hash is computed from the text. */
  rooms: RoomPolicy | "Claims" | "Open";
  drain: { connectionsPerSecond: number };
  /** The application's handlers as they were given. Undefined: never given. */
  handlers?: readonly HandlerSpec[];
}

export type LiveConfigAnswer = { config: LiveConfig } | { problem: string };

type Fields = Record<string, unknown>;
type Problem = string | undefined;

const MAX_ORIGINS = 256;
const anyGeneration: Bounds = [0, Number.MAX_SAFE_INTEGER];

/**
 * Checks a body of PUT /config or of the mounted file. Missing fields keep their value in `current`. A problem names
 * its field.
 */
export function parseLiveConfig(body: unknown, current: LiveConfig): LiveConfigAnswer {
  if (!isRecord(body)) return { problem: "the body must be a JSON object" };
  const kept = { ...current, generation: undefined, limits: {}, drain: {} };
  const { generation, limits, origins, rooms, drain, handlers }: Fields = { ...kept, ...body };
  const problem =
    unknownField(body, ["generation", "limits", "origins", "rooms", "drain", "handlers", "hash"]) ??
    problemOfGeneration(generation) ??
    problemOfLimits(limits) ??
    problemOfOrigins(origins) ??
    problemOfRooms(rooms) ??
    problemOfDrain(drain) ??
    problemOfHandlers(handlers);
  if (problem !== undefined) return { problem };
  return {
    config: {
      generation: generation as number,
      limits: { ...current.limits, ...(limits as Partial<Limits>) },
      origins: origins as string[],
      rooms: rooms as LiveConfig["rooms"],
      drain: { ...current.drain, ...(drain as Partial<LiveConfig["drain"]>) },
      ...handlersOf(handlers),
    },
  };
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

function problemOfHandlers(handlers: unknown): Problem {
  return handlers === undefined ? undefined : problemsOfHandlers(handlers, "handlers")[0];
}

/** A configuration to which nobody has given handlers has no such field: its hash is that of older gateways. */
function handlersOf(handlers: unknown): Pick<LiveConfig, "handlers"> {
  return handlers === undefined ? {} : { handlers: handlers as HandlerSpec[] };
}

/** The policy that a live configuration asks for. */
export function roomPolicy({ rooms }: Pick<LiveConfig, "rooms">): RoomPolicy {
  return rooms.toLowerCase() as RoomPolicy;
}

/** The SHA-256, in hex, of the configuration as JSON with sorted keys and no spaces. */
export function hashOf({ generation, limits, origins, rooms, drain, handlers }: LiveConfig): string {
  const content = { generation, limits, origins, rooms, drain, ...handlersOf(handlers) };
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
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
