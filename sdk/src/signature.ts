const encoder = new TextEncoder();

/** The type CryptoKey has another name in Node's types. So take it from the return type of a function. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export interface Verification {
  secrets: readonly string[];
  windowSeconds: number;
  nowMs: () => number;
}

/**
 * Makes a function that checks the header X-Realtime-Signature. The signature must be the HMAC-SHA256 of a time and the
 * body, and the time must be close to the current time.
 */
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
    // Use Web Crypto: it compares in constant time, and Node, Workers, Deno and Bun have it.
    const checks = await Promise.all((await keys).map((key) => crypto.subtle.verify("HMAC", key, signature, signed)));
    return checks.includes(true);
  };
}

function keyOf(secret: string): Promise<Key> {
  return crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}
