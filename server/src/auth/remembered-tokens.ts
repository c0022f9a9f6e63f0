import { hash } from "node:crypto";
import { Expiring } from "../ledger/memory/expiring.ts";
import { isRefusal, type Refusal } from "../protocol/refusals.ts";
import type { Identity } from "./identity.ts";

/**
 * Maximum number of cached tokens. When the cache is full, the oldest tokens are dropped; they are verified again at
 * their next use.
 */
const REMEMBERED = 20_000;

type Verify<Token, Answer> = (token: Token, nowMs: number) => Answer | Promise<Answer>;

/**
 * Verifies each token once, and caches its identity until the token expires. Revocations are checked at each use, by
 * other code. The keys of the cache are SHA-256 hashes of the tokens. Refusals are not cached, because anyone could
 * fill the cache with invented tokens.
 */
export function rememberedTokens<Token, Answer extends Identity | Refusal | undefined>(
  verify: Verify<Token, Answer>,
  textOf: (token: Token) => string = String,
  most = REMEMBERED,
): Verify<Token, Answer | Identity> {
  const known = new Expiring<Identity>(most);
  return (token, nowMs) => {
    const key = hash("sha256", textOf(token), "base64");
    const keep = (answer: Answer): Answer => {
      if (answer !== undefined && !isRefusal(answer)) known.set(key, answer, answer.expiresAtMs, nowMs);
      return answer;
    };
    const identity = known.get(key, nowMs);
    if (identity !== undefined) return identity;
    const answer = verify(token, nowMs);
    return answer instanceof Promise ? answer.then(keep) : keep(answer);
  };
}
