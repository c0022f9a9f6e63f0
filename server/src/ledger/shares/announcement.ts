import { createHash } from "node:crypto";
import { each, pools, type CountedLimits } from "./pools.ts";

/**
 * What a node tells all other nodes about its part of the limits: once per second, and at once when its claims change.
 */
export interface Announcement {
  /**
   * Increases with each announcement. If announcements arrive out of order over several Redis servers, the lower number
   * is the older one.
   */
  sequence: number;
  /**
   * exact: Redis counts this node. share: Redis does not, so the node uses its own share. leaving: like share, and the
   * node takes no new clients. gone: the node has stopped.
   */
  state: "exact" | "share" | "leaving" | "gone";
  /**
   * In state exact: how much of each limit this node uses. In the other states: how much of each limit the other nodes
   * must leave to this node.
   */
  claims: CountedLimits;
  /** Number of seats that the connections of this node have. */
  seats: number;
  /**
   * Number of this node's seats that Redis still counts under its last lease, although the state is no longer exact.
   */
  leased: number;
  /**
   * Users who have more seats on this node than an equal part of their limit: hash of the user id → number of seats
   * above this part.
   */
  excess: ReadonlyMap<string, number>;
}

const states = ["exact", "share", "leaving", "gone"] as const;
const FORM = /^1 (\d{1,15}) (exact|share|leaving|gone) (\d{1,15}) (\d{1,15}) ((?:\d{1,12},)*\d{1,12})(?: (\S*))?/;
const EXCESS = /^([\w-]{8})(\d{1,7})$/;

export function formatAnnouncement({ sequence, state, claims, seats, leased, excess }: Announcement): string {
  const numbers = pools.map((pool) => Math.ceil(claims[pool])).join(",");
  const more = [...excess].map(([user, count]) => `${user}${count}`).join(",");
  return `1 ${sequence} ${state} ${seats} ${leased} ${numbers} ${more}`;
}

/** Parses an announcement. Undefined if the text is malformed or has the format of a later release. */
export function parseAnnouncement(text: string): Announcement | undefined {
  const [, sequence, state, seats, leased, numbers = "", more = ""] = FORM.exec(text) ?? [];
  const claims = numbers.split(",").map(Number);
  if (state === undefined || claims.length < pools.length) return undefined;
  return {
    sequence: Number(sequence),
    state: states.find((each) => each === state) ?? "share",
    claims: each((pool) => claims[pools.indexOf(pool)] ?? 0),
    seats: Number(seats),
    leased: Number(leased),
    excess: new Map(more.split(",").flatMap(excessIn)),
  };
}

function excessIn(text: string): [string, number][] {
  const [, user, count] = EXCESS.exec(text) ?? [];
  return user === undefined ? [] : [[user, Number(count)]];
}

/**
 * The first 48 bits of a hash of the user id. So the id stays inside the gateway, and two users are unlikely to have
 * the same hash.
 */
export function hashOfUser(userId: string): string {
  return createHash("sha256").update(userId).digest("base64url").slice(0, 8);
}
