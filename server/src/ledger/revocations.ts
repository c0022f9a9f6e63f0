import { Expiring } from "./memory/expiring.ts";
import type { RevocationTarget } from "./ledger.ts";

export interface Revocation {
  /** A revocation of a user covers all tokens that were issued up to this time. */
  atMs: number;
  /** When the revocation can be forgotten, because the revoked tokens have expired. */
  untilMs: number;
}

/** All revocations that this node knows, so that each handshake is checked without a request to Redis. */
export class Revocations {
  readonly #known: Expiring<Revocation>;

  constructor(most: number) {
    this.#known = new Expiring(most);
  }

  /** Adds a revocation. Returns false if it was already known or has ended. */
  add(key: string, revocation: Revocation, nowMs: number): boolean {
    const known = this.#known.get(key, nowMs);
    if (revocation.untilMs <= nowMs || (known !== undefined && known.atMs >= revocation.atMs)) return false;
    const untilMs = Math.max(revocation.untilMs, known?.untilMs ?? 0);
    this.#known.set(key, { atMs: revocation.atMs, untilMs }, untilMs, nowMs);
    return true;
  }

  covers(
    { userId, tokenId, issuedAtMs }: { userId: string; tokenId?: string; issuedAtMs: number },
    nowMs: number,
  ): boolean {
    if (tokenId !== undefined && this.#known.get(revocationKey({ tokenId }), nowMs) !== undefined) return true;
    const ofUser = this.#known.get(revocationKey({ userId }), nowMs);
    return ofUser !== undefined && issuedAtMs <= ofUser.atMs;
  }

  entries(nowMs: number): [key: string, revocation: Revocation][] {
    return this.#known.entries(nowMs);
  }
}

export function revocationKey(target: RevocationTarget): string {
  return "tokenId" in target ? `t:${target.tokenId}` : `u:${target.userId}`;
}

export function revocationTarget(key: string): RevocationTarget {
  return key.startsWith("t:") ? { tokenId: key.slice(2) } : { userId: key.slice(2) };
}
