import { Expiring } from "./memory/expiring.ts";
import type { RevocationTarget } from "./ledger.ts";

export interface Revocation {
  /** A revocation of a user covers all tokens that were issued up to this time. */
  atMs: number;
  /** When the revocation can be forgotten, because the revoked tokens have expired. */
  untilMs: number;
}

/** A token that was issued up to this time before the revocation of its user was possibly issued after it. */
const DOUBT_MS = 2_000;
/** After this time, a client that still sends such a token has no newer one. */
const DOUBT_LASTS_MS = 30_000;

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

  /**
   * Whether a token that is revoked could have been issued after the revocation of its user. The claim `iat` counts
   * whole seconds, and the clocks of the issuer and of Redis differ.
   */
  isDoubtful(identity: { userId: string; tokenId?: string; issuedAtMs: number }, nowMs: number): boolean {
    const { userId, tokenId, issuedAtMs } = identity;
    if (tokenId !== undefined && this.#known.get(revocationKey({ tokenId }), nowMs) !== undefined) return false;
    const atMs = this.#known.get(revocationKey({ userId }), nowMs)?.atMs;
    return atMs !== undefined && issuedAtMs > atMs - DOUBT_MS && nowMs < atMs + DOUBT_LASTS_MS;
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
