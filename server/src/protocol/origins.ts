const schemeAndHost = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/i;

/**
 * Whether a text is `*` or an origin as clients send it: scheme and host, nothing after. Hybrid apps send
 * capacitor://localhost and the like; pages without a host of their own send file:// or null.
 */
export function isOrigin(text: string): boolean {
  return text === "*" || text === "null" || text === "file://" || schemeAndHost.test(text);
}

/**
 * Whether a handshake's Origin may connect. Clients other than browsers send none; their token decides. Native apps
 * (React Native) send the host they connect to: it is the gateway's own, and serves no pages.
 */
export function isOriginAllowed(
  origin: string | undefined,
  allowed: readonly string[],
  host: string | undefined,
): boolean {
  if (origin === undefined || allowed.includes("*") || allowed.includes(origin)) return true;
  const given = canonical(origin);
  return isOwnHost(given, host) || allowed.some((entry) => canonical(entry) === given);
}

/** In lower case, without the scheme's default port. */
function canonical(origin: string): string {
  const text = origin.toLowerCase();
  const port = /^(?:https|wss):/.test(text) ? ":443" : /^(?:http|ws):/.test(text) ? ":80" : undefined;
  return port !== undefined && text.endsWith(port) ? text.slice(0, -port.length) : text;
}

// Behind a proxy that ends TLS the gateway does not know the scheme, so either counts.
function isOwnHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || host === "") return false;
  return ["http", "https"].some((scheme) => canonical(`${scheme}://${host}`) === origin);
}
