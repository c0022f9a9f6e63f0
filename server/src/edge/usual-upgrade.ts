/** The parts of a WebSocket upgrade request that the gateway reads. Names of headers are in lower case, as in Node. */
export interface UsualUpgrade {
  readonly headers: Readonly<Partial<Record<ReadHeader, string>> & Record<string, string | undefined>>;
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

/** Maximum length of a request for this reader. Longer ones are left to Node's parser. */
const MOST_BYTES = 8_192;

/**
 * A whole request as stock clients write it: printable ASCII headers in the form of RFC 9112 §5, an empty line, and
 * nothing after it. No tabs, no single CR or LF, no continued lines, no empty values.
 */
const whole =
  /^GET \/socket\.io\/\?EIO=4&transport=websocket HTTP\/1\.1\r\n(?:[!#$%&'*+\-.^_`|~\w]+: [!-~](?:[ -~]*[!-~])?\r\n)+\r\n$/;

/**
 * The headers that this reader reads, and the allowed form of their values. If a header appears twice, the request is
 * left to Node's parser, which decides which value counts.
 */
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
const ANY = /^/;
const needed = ["host", "connection", "upgrade", "sec-websocket-version", "sec-websocket-key"] as const;
/**
 * A request with one of these headers is left to Node's parser. They change the body, the answer or the meaning of the
 * connection.
 */
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

const NONE: readonly string[] = [];

/**
 * Reads a complete WebSocket upgrade request in the form that stock clients, browsers and proxies write. Returns
 * undefined for any other form, and Node's parser reads the request. So the gateway never understands a request
 * differently from a proxy in front of it. `more`: names of additional headers to read.
 */
export function usualUpgrade(bytes: Buffer, more: readonly string[] = NONE): UsualUpgrade | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  const text = bytes.toString("latin1");
  if (!whole.test(text)) return undefined;
  const headers: Partial<Record<string, string>> = {};
  const end = text.length - 2;
  for (let start = text.indexOf("\n") + 1; start < end;) {
    const colon = text.indexOf(":", start);
    const next = text.indexOf("\r", colon);
    const name = text.slice(start, colon).toLowerCase();
    const form = read.get(name) ?? (more.includes(name) ? ANY : undefined);
    if (unusual.has(name)) return undefined;
    if (form !== undefined) {
      const value = text.slice(colon + 2, next);
      if (headers[name] !== undefined || !form.test(value)) return undefined;
      headers[name] = value;
    }
    start = next + 2;
  }
  return needed.every((name) => headers[name] !== undefined) ? { headers } : undefined;
}
