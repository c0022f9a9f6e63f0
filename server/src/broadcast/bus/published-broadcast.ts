import type { Room } from "socket.io-adapter";

/** A broadcast as @socket.io/redis-adapter and redis-emitter publish it: sender, packet and receivers. */
export type PublishedBroadcast = [
  uid: string,
  packet: { type: number; data: unknown[]; nsp: string },
  options: PublishedOptions,
];

export interface PublishedOptions {
  rooms: Room[];
  except: Room[];
  flags?: Record<string, unknown>;
  /**
   * The id of a message with a key. Clients get only one of the messages with the same id. Stock readers ignore the id.
   */
  id?: string;
}

const EVENT = 2;
const BINARY_EVENT = 5;
/**
 * Names that a client must never receive as events. A stock client drops its connection on such an event, so a whole
 * room would reconnect.
 */
const RESERVED_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** Why a decoded message is not a valid broadcast. Undefined when it is valid. */
export function packetProblem(decoded: unknown, namespace: string): string | undefined {
  if (!Array.isArray(decoded)) return "not a list";
  const [uid, packet, options] = decoded as [unknown, Record<string, unknown> | null, unknown];
  if (typeof uid !== "string") return "no sender";
  if (typeof packet !== "object" || packet === null) return "no packet";
  packet["nsp"] ??= "/";
  if (packet["nsp"] !== namespace) return undefined; // a message for another namespace is ignored, not malformed
  if (packet["type"] !== EVENT && packet["type"] !== BINARY_EVENT) return "not an event";
  if (!Array.isArray(packet["data"]) || typeof packet["data"][0] !== "string") return "no event name";
  if (RESERVED_EVENTS.has(packet["data"][0])) return "an event that Socket.IO keeps for itself";
  return optionsProblem(options);
}

/** Why the decoded options name no receivers. Undefined when they are valid. A missing list counts as empty. */
export function optionsProblem(decoded: unknown): string | undefined {
  if (typeof decoded !== "object" || decoded === null) return "no options";
  const options = decoded as Record<string, unknown>;
  for (const list of ["rooms", "except"]) {
    options[list] ??= [];
    if (!Array.isArray(options[list])) return `${list} is not a list`;
    if (!options[list].every((room) => typeof room === "string")) return `${list} holds something other than names`;
  }
  if (options["flags"] !== undefined && (typeof options["flags"] !== "object" || options["flags"] === null))
    return "flags are not an object";
  if (options["id"] !== undefined && typeof options["id"] !== "string") return "the id is not a string";
  return undefined;
}
