import { compactVerify } from "jose";
import type { Refusal } from "../protocol/refusals.ts";
import type { Identity } from "./identity.ts";
import { candidates, readKeySet, type VerifyingKey } from "./key-set.ts";
import { rememberedTokens } from "./remembered-tokens.ts";
import type { SignedToken } from "./signed-token.ts";

/** The keys are loaded again after this time, so that a key that the issuer has removed is no longer accepted. */
const FRESH_MS = 600_000;
/** Minimum time between two loads that are caused by unknown key ids. Anyone can send tokens with invented key ids. */
const COOLDOWN_MS = 30_000;
/** Pause between two attempts while no keys are loaded. */
const RETRY_MS = 5_000;
const FETCH_TIMEOUT_MS = 5_000;
const MOST_BYTES = 1024 * 1024;
/** Accepted difference between the clocks of the issuer and the gateway. */
const SKEW_MS = 30_000;

/**
 * The state of one issuer's keys. read: the last load succeeded. kept: it failed, and the keys of an earlier load are
 * still used. none: no load has succeeded yet.
 */
export interface KeysState {
  keys: "read" | "kept" | "none";
  /** Why the last load of the keys failed. */
  reason?: string;
}

export interface IssuerKeysOptions {
  url: string;
  /** The function that loads the keys. In production, it is undici's fetch. */
  fetch: typeof globalThis.fetch;
  /** Builds the identity from a token whose signature is valid. */
  identify: (token: SignedToken, nowMs: number) => Identity | Refusal;
  onFailed: (reason: string, kind: "new" | "again") => void;
  /** Called after the first successful load of the keys, and after each successful load that follows failed ones. */
  onRead: () => void;
}

type Found = Identity | Refusal | undefined;

interface Known {
  text: string;
  /** Verifies a token with these keys, and caches valid tokens. Undefined if none of the keys has signed the token. */
  verify: (token: SignedToken, nowMs: number) => Found | Promise<Found>;
}

/** The value of `reason` until the first load has ended. The operator waits while a gateway reports this reason. */
export const KEYS_NOT_READ_YET = "not read yet";

/**
 * The keys of one issuer. Only one request at a time loads them. If a load fails, the keys of the last successful load
 * are still used.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #known: Known | undefined;
  #reason: string | undefined = KEYS_NOT_READ_YET;
  #triedAtMs = -Infinity;
  #readAtMs = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  state(): KeysState {
    if (this.#reason === undefined) return { keys: "read" };
    return { keys: this.#known === undefined ? "none" : "kept", reason: this.#reason };
  }

  /** Loads the keys if they are due: at the start, and then every ten minutes. */
  async refresh(nowMs: number): Promise<void> {
    const isDue =
      this.#known === undefined
        ? nowMs - this.#triedAtMs >= RETRY_MS
        : nowMs - this.#readAtMs >= FRESH_MS && nowMs - this.#triedAtMs >= COOLDOWN_MS;
    if (isDue || this.#reading !== undefined) await this.#read(nowMs);
  }

  /** Resolves to "no keys" if no keys are loaded, or if the token's key could be newer than the loaded keys. */
  async verify(token: SignedToken, nowMs: number): Promise<Identity | Refusal | "no keys" | "not signed by it"> {
    const refreshing = this.refresh(nowMs);
    // Wait for the load only if no keys are known, so that no other client has to wait for the network.
    if (this.#known === undefined) await refreshing;
    const known = this.#known;
    if (known === undefined) return "no keys";
    const answer = await known.verify(token, nowMs);
    if (answer !== undefined) return answer;
    if (this.#reading === undefined && nowMs - this.#triedAtMs < COOLDOWN_MS) return this.#unverified(token, nowMs);
    await this.#read(nowMs);
    return (
      (this.#known === known ? undefined : await this.#known?.verify(token, nowMs)) ?? this.#unverified(token, nowMs)
    );
  }

  /**
   * The answer if none of the loaded keys has signed the token. If the token was issued after the last load, its key
   * can be newer.
   */
  #unverified({ claims: { iat } }: SignedToken, nowMs: number): "no keys" | "not signed by it" {
    const issuedAtMs = typeof iat === "number" ? iat * 1000 : 0;
    const isNewer = issuedAtMs > this.#readAtMs && issuedAtMs <= nowMs + SKEW_MS;
    return isNewer || this.#reason !== undefined ? "no keys" : "not signed by it";
  }

  #read(nowMs: number): Promise<void> {
    return (this.#reading ??= this.#readOnce(nowMs).finally(() => (this.#reading = undefined)));
  }

  async #readOnce(nowMs: number): Promise<void> {
    const { url, fetch, onFailed, onRead } = this.#options;
    this.#triedAtMs = nowMs;
    try {
      const response = await fetch(url, {
        redirect: "error",
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        // An HTTP cache must not answer with keys from before the issuer's last change of keys.
        headers: { accept: "application/json", "cache-control": "no-cache" },
      });
      if (!response.ok) throw new Error(`the answer was ${response.status}`);
      const text = await boundedText(response);
      if (text !== this.#known?.text) this.#known = this.#knownOf(text);
      this.#readAtMs = nowMs;
      if (this.#reason !== undefined) onRead();
      this.#reason = undefined;
    } catch (error) {
      const reason = reasonOf(error);
      onFailed(reason, reason === this.#reason ? "again" : "new");
      this.#reason = reason;
    }
  }

  #knownOf(text: string): Known {
    const keys = readKeySet(text);
    const { identify } = this.#options;
    const verify = rememberedTokens(
      async (token: SignedToken, nowMs) => ((await isSignedByOne(token, keys)) ? identify(token, nowMs) : undefined),
      (token) => token.text,
    );
    return { text, verify };
  }
}

async function isSignedByOne(token: SignedToken, keys: readonly VerifyingKey[]): Promise<boolean> {
  for (const { key } of candidates(keys, token)) {
    try {
      await compactVerify(token.text, key, { algorithms: [token.algorithm] });
      return true;
    } catch {
      // Try the next key of the set, because it could have signed the token.
    }
  }
  return false;
}

/** The message of fetch is only "fetch failed". The error's cause has the reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message || cause.name}` : error.message;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`the key set is larger than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
