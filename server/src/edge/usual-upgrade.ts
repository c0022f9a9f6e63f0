/** The parts of a WebSocket's request that the gateway reads. Header names are in lower case, as in Node. */
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

/** Longest request that this reader accepts. Node's parser handles longer ones. */
const MOST_BYTES = 8_192;

/**
 * A whole request as stock clients write it: printable ASCII headers in the form of RFC 9112 §5, an empty line, nothing
 * after. No tabs, lone CR or LF, continued lines or empty values.
 */
const whole =
  /^GET \/socket\.io\/\?EIO=4&transport=websocket HTTP\/1\.1\r\n(?:[!#$%&'*+\-.^_`|~\w]+: [!-~](?:[ -~]*[!-~])?\r\n)+\r\n$/;

/** The headers that are read, with their allowed form. Each may appear once: Node decides which of two counts. */
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
/** Headers that change the body, the answer or the meaning of the connection. */
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
 * Reads a complete WebSocket upgrade in the form that stock clients, browsers and proxies write. Otherwise undefined,
 * and Node reads it: the gateway must not understand a request differently than a proxy before it. `more`: names of
 * other headers that are read.
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
