/** The request behind a WebSocket, as far as the gateway reads it: names in lower case, as Node has them. */
export interface UsualUpgrade {
  readonly headers: Readonly<Partial<Record<ReadHeader, string>>>;
}

type ReadHeader =
  | "host"
  | "connection"
  | "upgrade"
  | "sec-websocket-version"
  | "sec-websocket-key"
  | "origin"
  | "authorization"
  | "x-forwarded-for";

/** Beyond this Node's parser reads it. */
const MOST_BYTES = 8_192;

/**
 * The whole of a request: the one line that stock clients write, headers without exception printable ASCII in the form
 * that RFC 9112 §5 wants to see written, the empty line, and nothing after it. No tabs, no lone CR or LF, no continued
 * line, no empty value.
 */
const whole =
  /^GET \/socket\.io\/\?EIO=4&transport=websocket HTTP\/1\.1\r\n(?:[!#$%&'*+\-.^_`|~\w]+: [!-~](?:[ -~]*[!-~])?\r\n)+\r\n$/;

/** What is read, and what it must look like. Each once: which of two counts is Node's to say. */
const read: ReadonlyMap<string, RegExp> = new Map<ReadHeader, RegExp>([
  ["host", /^/],
  ["connection", /^(?:keep-alive, ?)?upgrade$/i],
  ["upgrade", /^websocket$/i],
  ["sec-websocket-version", /^13$/],
  ["sec-websocket-key", /^[+/\dA-Za-z]{22}==$/],
  ["origin", /^/],
  ["authorization", /^/],
  ["x-forwarded-for", /^/],
]);
const needed = ["host", "connection", "upgrade", "sec-websocket-version", "sec-websocket-key"] as const;
/** Those by which a body, an answer or the connection would be another than it seems. */
const unusual: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "trailer",
  "te",
  "expect",
  "proxy-connection",
  "http2-settings",
  "sec-websocket-protocol",
]);

/**
 * Reads a WebSocket upgrade off a wire's first bytes, where it is written as stock clients, browsers and proxies write
 * it and has come whole. Undefined for everything else, which is Node's to read: nothing may be understood here that a
 * proxy in front could understand otherwise.
 */
export function usualUpgrade(bytes: Buffer): UsualUpgrade | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  const text = bytes.toString("latin1");
  if (!whole.test(text)) return undefined;
  const headers: Partial<Record<string, string>> = {};
  const end = text.length - 2;
  for (let start = text.indexOf("\n") + 1; start < end;) {
    const colon = text.indexOf(":", start);
    const next = text.indexOf("\r", colon);
    const name = text.slice(start, colon).toLowerCase();
    const form = read.get(name);
    if (form !== undefined) {
      const value = text.slice(colon + 2, next);
      if (headers[name] !== undefined || !form.test(value)) return undefined;
      headers[name] = value;
    } else if (unusual.has(name)) return undefined;
    start = next + 2;
  }
  return needed.every((name) => headers[name] !== undefined) ? { headers } : undefined;
}
