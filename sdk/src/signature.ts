const encoder = new TextEncoder();

/** The global type CryptoKey has another name in the types of Node. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export interface Verification {
  secrets: readonly string[];
  windowSeconds: number;
  nowMs: () => number;
}

/** Makes a check of X-Realtime-Signature: the HMAC-SHA256 of time and body, with a time close to now. */
export function verifier({ secrets, windowSeconds, nowMs }: Verification) {
  let keys: Promise<readonly Key[]> | undefined;
  return async (header: string | null | undefined, body: Uint8Array): Promise<boolean> => {
    const [, time, hex] = /^t=(\d{1,12}),v1=([\da-f]{64})$/.exec(header ?? "") ?? [];
    if (time === undefined || hex === undefined) return false;
    if (Math.abs(nowMs() / 1_000 - Number(time)) > windowSeconds) return false;
    const signature = Uint8Array.from({ length: 32 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
    const signed = new Uint8Array(time.length + 1 + body.length);
    signed.set(encoder.encode(`${time}.`));
    signed.set(body, time.length + 1);
    keys ??= Promise.all(secrets.map(keyOf));
    // Web Crypto compares in constant time, and exists in Node, Workers, Deno and Bun.
    const checks = await Promise.all((await keys).map((key) => crypto.subtle.verify("HMAC", key, signature, signed)));
    return checks.includes(true);
  };
}

function keyOf(secret: string): Promise<Key> {
  return crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}
