import { Expiring } from "./memory/expiring.ts";
import type { RevocationTarget } from "./ledger.ts";

export interface Revocation {
  /** For a user, all tokens issued up to this time are revoked. */
  atMs: number;
  /** The revocation may be forgotten after this time. */
  untilMs: number;
}

/** All revocations that this node knows. Every handshake checks them without a round trip. */
export class Revocations {
  readonly #known: Expiring<Revocation>;

  constructor(most: number) {
    this.#known = new Expiring(most);
  }

  /** Returns false when the revocation was known already. */
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
