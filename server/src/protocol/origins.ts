import { domainToASCII } from "node:url";

const schemeAndHost = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@*\s]+$/i;

/**
 * Whether a text is `*` or the value of an Origin header: a scheme and a host, without a path. Hybrid apps send origins
 * like capacitor://localhost. Pages without a host send file:// or null.
 */
export function isOrigin(text: string): boolean {
  return text === "*" || text === "null" || text === "file://" || schemeAndHost.test(text);
}

/**
 * Whether a client with this Origin header is allowed to connect. A client without the header is not a browser, so only
 * its token decides. Native apps (React Native) send the gateway's own host; web pages of other sites cannot do so.
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

/** Browsers send names with other letters than ASCII in their xn-- form (RFC 3492). */
function asciiHost(origin: string): string {
  if (/^[ -~]*$/.test(origin)) return origin;
  return origin.replace(/(?<=^[^:]+:\/\/)[^:]+/, (host) => domainToASCII(host) || host);
}

/** The origin in lower case, without the default port of its scheme. */
function canonical(origin: string): string {
  const text = asciiHost(origin.toLowerCase());
  const port = /^(?:https|wss):/.test(text) ? ":443" : /^(?:http|ws):/.test(text) ? ":80" : undefined;
  return port !== undefined && text.endsWith(port) ? text.slice(0, -port.length) : text;
}

// Accept both schemes. Behind a proxy that terminates TLS, the gateway does not know the scheme that the client used.
function isOwnHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || host === "") return false;
  return ["http", "https"].some((scheme) => canonical(`${scheme}://${host}`) === origin);
}
