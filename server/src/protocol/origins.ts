/** Whether a text is `*` or an origin as browsers send it: scheme and host, nothing behind. */
export function isOrigin(text: string): boolean {
  return text === "*" || /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/.test(text);
}

/** Whether a handshake's Origin may connect. Clients that are no browsers send none, and are let in: their token decides. */
export function isOriginAllowed(origin: string | undefined, allowed: readonly string[]): boolean {
  return origin === undefined || allowed.includes("*") || allowed.includes(origin);
}
