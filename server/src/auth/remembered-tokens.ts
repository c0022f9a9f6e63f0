import { hash } from "node:crypto";
import { Expiring } from "../ledger/memory/expiring.ts";
import { isRefusal } from "../protocol/refusals.ts";
import type { Refusal } from "../protocol/refusals.ts";
import type { Identity, VerifyToken } from "./identity.ts";

/** Tokens remembered at most; beyond it the oldest are verified again. */
const REMEMBERED = 20_000;

/**
 * Verifies each token once: clients come back with the one they have, and a verdict holds until the token expires. By SHA-256, so that
 * a long token takes no more memory than a short one and none can be read from a heap dump. Refusals are not kept: whoever makes
 * tokens up would fill the memory with them. Revocation is another question, asked each time.
 */
export function rememberedTokens(verify: VerifyToken, most = REMEMBERED): VerifyToken {
  const known = new Expiring<Identity>(most);
  return (token, nowMs) => {
    const key = hash("sha256", token, "base64");
    const keep = (answer: Identity | Refusal): Identity | Refusal => {
      if (!isRefusal(answer)) known.set(key, answer, answer.expiresAtMs, nowMs);
      return answer;
    };
    const identity = known.get(key, nowMs);
    if (identity !== undefined) return identity;
    const answer = verify(token, nowMs);
    return answer instanceof Promise ? answer.then(keep) : keep(answer);
  };
}
