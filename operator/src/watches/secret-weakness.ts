const wellKnown =
  /^(change|your|secret|default|example|test|demo|supersecret|my)[-_ ]?(me|this|in|key|jwt|secret|super|production|default)/i;

/**
 * Why a text is too weak as a key for HS256, or undefined. It may have several keys, one on each line. A gateway with a
 * weak key exits at its start, so the operator refuses it before. A test in operator/test/contract compares this check
 * with that of the gateway.
 */
export function weaknessOf(text: string): string | undefined {
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return keys.length === 0 ? "holds no key" : keys.map(weaknessOfKey).find((weakness) => weakness !== undefined);
}

/** An HS256 key must have at least 32 bytes, the size of the hash (RFC 7518 §3.2). */
function weaknessOfKey(key: string): string | undefined {
  const bytes = Buffer.byteLength(key);
  if (bytes < 32) return `has ${bytes} bytes, and at least 32 are needed`;
  if (new Set(key).size < 8) return "repeats a few characters";
  return wellKnown.test(key) ? "is a well-known default" : undefined;
}
