import { createHash } from "node:crypto";
import { each, pools, type CountedLimits } from "./pools.ts";

/** What a node tells all others once a second, and at once when its claims change. */
export interface Announcement {
  /** Grows; several Redis may deliver in another order. */
  sequence: number;
  /**
   * exact: the ledger counts this node. share: it works by its claims. leaving: it takes no new clients. gone: it has
   * stopped.
   */
  state: "exact" | "share" | "leaving" | "gone";
  /** exact: what is in use. Otherwise: what the others must leave to this node. */
  claims: CountedLimits;
  /** In use. */
  seats: number;
  /** Of these, seats that the ledger still counts under this node's last lease although it is not exact. */
  leased: number;
  /** Hashed users that hold more seats here than an equal part → how many more. */
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

/** Undefined for anything else, and for a form of a later release. */
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

/** 48 bits of a user's name: it does not leave the gateway in clear, and two users are not mistaken for each other. */
export function hashOfUser(userId: string): string {
  return createHash("sha256").update(userId).digest("base64url").slice(0, 8);
}
