/** Pattern of an error message → what to change in the gateway's configuration. */
const advice: readonly [RegExp, string][] = [
  [
    /self.signed certificate|unable to (verify the first|get (local )?issuer) certificate/i,
    "put the certificate of the CA that signed the certificate of Redis into REDIS_CA_FILE",
  ],
  [
    /does not match certificate's altnames/i,
    "add a name from the certificate of Redis to REDIS_URL: ?tlsServerName=NAME",
  ],
  [/^certificate has expired|^CERT_HAS_EXPIRED/i, "renew the certificate of Redis or of its CA, or correct the clock"],
  [
    /alert (unknown ca|bad certificate|certificate (expired|unknown|revoked)|unsupported certificate)/i,
    "Redis rejects the certificate in REDIS_CERT_FILE: renew it, or let a CA sign it that Redis trusts (tls-ca-cert-file)",
  ],
  [
    /certificate required|handshake failure/i,
    "Redis requires a client certificate that it trusts: set REDIS_CERT_FILE and REDIS_KEY_FILE",
  ],
  [/alert protocol version|unsupported protocol/i, "allow TLS 1.2 or 1.3 on Redis (tls-protocols)"],
  [
    /wrong version number|packet length too long/i,
    "Redis does not use TLS on that port: begin REDIS_URL with redis instead of rediss",
  ],
  [
    /before secure TLS connection was established/i,
    "Redis does not use TLS on that port, or it has reached its maxclients",
  ],
  [
    /max number of clients/i,
    "raise maxclients on Redis: each gateway needs up to five connections for each address in REDIS_URL",
  ],
  [/^DENIED/, "Redis is in protected mode: give it a password, and add the password to REDIS_URL"],
  [/^NOAUTH/, "add the password to REDIS_URL, or set REDIS_PASSWORD"],
  [
    /^WRONGPASS/,
    "correct the user and password; in REDIS_URL, percent-encode every character other than letters and digits",
  ],
  [/cluster support disabled/i, "begin REDIS_URL with redis instead of redis+cluster"],
  [/\b(MOVED|ASK) \d+ /, "the server is a node of a Redis Cluster: begin REDIS_URL with redis+cluster"],
  [/no such master with that name/i, "correct the name at the end of REDIS_URL: the Sentinels do not know it"],
  [/unknown command '?sentinel/i, "the server is not a Sentinel: begin REDIS_URL with redis instead of redis+sentinel"],
  [
    /Only HELLO messages are accepted by Sentinel|unknown command '?eval/i,
    "the server is a Sentinel: use redis+sentinel://host:26379/name",
  ],
];

/**
 * The beginning of ioredis' message when no Sentinel can be used. It contains the next wait, which is different each
 * time.
 */
const NO_SENTINEL = /^All sentinels are unreachable\. Retrying from scratch after \d+ms\. Last error: /;

/** The beginning of ioredis' message when no data arrive while an answer is due. */
const SOCKET_TIMEOUT = /^Socket timeout\. /;

/** Why a connection to Redis failed and what to do about it. Contains no credentials. */
export function connectionProblem(error: Error): string {
  const { cause, lastNodeError } = error as Error & { lastNodeError?: unknown };
  const inner = [cause, lastNodeError].find((value) => value instanceof Error);
  return withAdvice(withoutCredentials(inner === undefined ? messageOf(error) : messageOf(inner)));
}

/** The text of an error, and what to do about it if this is known. */
export function withAdvice(text: string): string {
  const short = text.replace(NO_SENTINEL, "no Sentinel can be used: ").trim();
  const found = advice.find(([pattern]) => pattern.test(short));
  return found === undefined ? short : `${short}: ${found[1]}`;
}

/**
 * A message of OpenSSL begins with a line number of its source. The error's `reason` is the readable part, so use it
 * instead.
 */
function messageOf(error: Error): string {
  const { reason } = error as Error & { reason?: unknown };
  // If the names in the certificate do not match, the error has a `reason` too, but its message is clearer. So use
  // `reason` only for messages of OpenSSL.
  if (typeof reason === "string" && /:SSL routines:/.test(error.message)) return reason;
  if (SOCKET_TIMEOUT.test(error.message)) return "Redis accepts connections but does not answer";
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

function withoutCredentials(text: string): string {
  return text.replaceAll(/:[^:@/\s]+@/g, ":…@");
}
