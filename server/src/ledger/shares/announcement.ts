import { createHash } from "node:crypto";
import { each, pools, type CountedLimits } from "./pools.ts";

/** The message that a node sends to all other nodes once per second, and at once when its claims change. */
export interface Announcement {
  /** Increases with every announcement, because several Redis servers may deliver announcements out of order. */
  sequence: number;
  /**
   * exact: the ledger counts this node. share: the node works with its share. leaving: it takes no new clients. gone:
   * it has stopped.
   */
  state: "exact" | "share" | "leaving" | "gone";
  /**
   * In state exact: what is in use on this node. Otherwise: the part of each limit that other nodes must leave to this
   * node.
   */
  claims: CountedLimits;
  /** Seats in use on this node. */
  seats: number;
  /** Seats that the ledger still counts under this node's last lease, although the node is not exact now. */
  leased: number;
  /** Hash of a user → seats above an equal part. Lists only users that have more seats here than an equal part. */
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

/** Undefined for malformed text and for the format of a later release. */
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

/** 48 bits of a hash of the user id: the id stays inside the gateway, and a collision of two users is unlikely. */
export function hashOfUser(userId: string): string {
  return createHash("sha256").update(userId).digest("base64url").slice(0, 8);
}
