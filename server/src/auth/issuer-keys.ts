import { compactVerify } from "jose";
import type { Refusal } from "../protocol/refusals.ts";
import type { Identity } from "./identity.ts";
import { candidates, readKeySet, type VerifyingKey } from "./key-set.ts";
import { rememberedTokens } from "./remembered-tokens.ts";
import type { SignedToken } from "./signed-token.ts";

/** Keys are read again after this long, so that a key its issuer withdrew stops counting. */
const FRESH_MS = 600_000;
/** A token that no key verifies has the set read again, at most this often: anyone can invent tokens. */
const COOLDOWN_MS = 30_000;
/** Pause between attempts while there are no keys at all. */
const RETRY_MS = 5_000;
const FETCH_TIMEOUT_MS = 5_000;
const MOST_BYTES = 1024 * 1024;
/** A provider's clock may be ahead by this much. */
const SKEW_MS = 30_000;

/** State of one issuer's keys. "kept": read before, but not the last time. */
export interface KeysState {
  keys: "read" | "kept" | "none";
  /** Why they could not be read the last time. */
  reason?: string;
}

export interface IssuerKeysOptions {
  url: string;
  /** Reads a URL; undici's fetch in production. */
  fetch: typeof globalThis.fetch;
  /** The identity in a token whose signature is valid. */
  identify: (token: SignedToken, nowMs: number) => Identity | Refusal;
  onFailed: (reason: string, kind: "new" | "again") => void;
  /** They were read, for the first time or after failures. */
  onRead: () => void;
}

type Found = Identity | Refusal | undefined;

interface Known {
  text: string;
  /** Remembers verified tokens; other keys start with none. Undefined: no key verifies the token. */
  verify: (token: SignedToken, nowMs: number) => Found | Promise<Found>;
}

/** The keys of one issuer: read by one request at a time, and kept while its provider is away. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #known: Known | undefined;
  #reason: string | undefined = "not read yet";
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

  /** Reads the keys if that is due: at the start and every ten minutes. */
  async refresh(nowMs: number): Promise<void> {
    const isDue =
      this.#known === undefined
        ? nowMs - this.#triedAtMs >= RETRY_MS
        : nowMs - this.#readAtMs >= FRESH_MS && nowMs - this.#triedAtMs >= COOLDOWN_MS;
    if (isDue || this.#reading !== undefined) await this.#read(nowMs);
  }

  /** "no keys": there are none to verify it with, or the ones there are may be too old. */
  async verify(token: SignedToken, nowMs: number): Promise<Identity | Refusal | "no keys" | "not signed by it"> {
    const refreshing = this.refresh(nowMs);
    // With keys at hand no client waits for the network.
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

  /** A token that was issued after the keys were read may be signed with a newer one. */
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
        // A cache on the way must not answer with the keys before a rotation.
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
      // Another key may have signed it.
    }
  }
  return false;
}

/** fetch says "fetch failed"; its cause says what failed. */
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
