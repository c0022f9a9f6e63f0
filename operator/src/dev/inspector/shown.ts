const MAX_CHARACTERS = 2_000;
const TOKEN = /\bey[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const HIDDEN_FIELD = /^(token|access_?token|refresh_?token|id_?token|authorization|password|secret|pid)$/i;

/** A value as text for the inspector's page: without tokens, and not longer than the page can show. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (name, inner: unknown) => {
    if (typeof inner === "string" && HIDDEN_FIELD.test(name)) return "(hidden)";
    return inner instanceof Uint8Array || inner instanceof ArrayBuffer ? `(${inner.byteLength} bytes)` : inner;
  });
  return withoutTokens(text ?? "").slice(0, MAX_CHARACTERS);
}

/** As `shown`, for text that should be JSON. */
export function shownJson(text: string): string {
  try {
    return shown(JSON.parse(text));
  } catch {
    return withoutTokens(text).slice(0, MAX_CHARACTERS);
  }
}

function withoutTokens(text: string): string {
  return text.replaceAll(TOKEN, "(token)");
}
