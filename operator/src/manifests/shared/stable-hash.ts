import { createHash } from "node:crypto";

/** JSON with sorted keys and without undefined values, so that equal values have equal texts. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    const record = part as Record<string, unknown>;
    return Object.fromEntries(
      Object.keys(record)
        .sort()
        .map((key) => [key, record[key]]),
    );
  });
}

/** A hash of 16 hex digits. It is long enough to distinguish versions of one object, and short enough to read. */
export function stableHash(value: unknown): string {
  return createHash("sha256").update(stableJson(value)).digest("hex").slice(0, 16);
}
