import type { Room } from "socket.io-adapter";

/**
 * A broadcast in the form in which @socket.io/redis-adapter and redis-emitter publish it: sender, packet, and options
 * with the receivers.
 */
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
   * The id of a message that was sent with an idempotency key. If several messages have the same id, clients get only
   * one of them. Stock readers ignore the id.
   */
  id?: string;
}

const EVENT = 2;
const BINARY_EVENT = 5;
/**
 * Event names that must never be sent to a client. A stock client closes its connection on such an event, so all
 * clients in a room would reconnect.
 */
const RESERVED_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** Why a decoded message is not a valid broadcast. Undefined if it is valid. */
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

/** Why the decoded options are not valid. Undefined if they are valid. Sets a missing list to an empty one. */
export function optionsProblem(decoded: unknown): string | undefined {
  if (typeof decoded !== "object" || decoded === null) return "no options";
  const options = decoded as Record<string, unknown>;
  for (const list of ["rooms", "except"]) {
    options[list] ??= [];
    if (!Array.isArray(options[list])) return `${list} is not a list`;
    if (!options[list].every((room) => typeof room === "string")) return `${list} contains something other than names`;
  }
  if (options["flags"] !== undefined && (typeof options["flags"] !== "object" || options["flags"] === null))
    return "flags are not an object";
  if (options["id"] !== undefined && typeof options["id"] !== "string") return "the id is not a string";
  return undefined;
}
