import type { Room } from "socket.io-adapter";

/** What a node publishes for a broadcast: its id, the packet, and to whom. As in @socket.io/redis-adapter and -emitter. */
export type PublishedBroadcast = [
  uid: string,
  packet: { type: number; data: unknown[]; nsp: string },
  options: PublishedOptions,
];

export interface PublishedOptions {
  rooms: Room[];
  except: Room[];
  flags?: Record<string, unknown>;
}

const EVENT = 2;
const BINARY_EVENT = 5;
/** At one of these a stock client takes the connection for broken: every one in the room would come back at once. */
const RESERVED_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** Why a decoded message is not a broadcast that clients could be sent, or undefined. */
export function packetProblem(decoded: unknown, namespace: string): string | undefined {
  if (!Array.isArray(decoded)) return "not a list";
  const [uid, packet, options] = decoded as [unknown, Record<string, unknown> | null, unknown];
  if (typeof uid !== "string") return "no sender";
  if (typeof packet !== "object" || packet === null) return "no packet";
  packet["nsp"] ??= "/";
  if (packet["nsp"] !== namespace) return undefined; // for another namespace: ignored, not malformed
  if (packet["type"] !== EVENT && packet["type"] !== BINARY_EVENT) return "not an event";
  if (!Array.isArray(packet["data"]) || typeof packet["data"][0] !== "string") return "no event name";
  if (RESERVED_EVENTS.has(packet["data"][0])) return "an event that Socket.IO keeps for itself";
  return optionsProblem(options);
}

/** Why decoded options do not say who is meant, or undefined. A missing list counts as empty. */
export function optionsProblem(decoded: unknown): string | undefined {
  if (typeof decoded !== "object" || decoded === null) return "no options";
  const options = decoded as Record<string, unknown>;
  for (const list of ["rooms", "except"]) {
    options[list] ??= [];
    if (!Array.isArray(options[list])) return `${list} is not a list`;
  }
  if (options["flags"] !== undefined && (typeof options["flags"] !== "object" || options["flags"] === null))
    return "flags are not an object";
  return undefined;
}
