const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Decodes one part of a token. Returns undefined if it is not a JSON object. */
export function objectIn(base64url: string): Record<string, unknown> | undefined {
  if (!/^[\w-]+$/.test(base64url)) return undefined;
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(base64url, "base64url")));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
