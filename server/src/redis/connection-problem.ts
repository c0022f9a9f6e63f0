/** Pattern of an error message → what to change in the gateway's configuration. */
const advice: readonly [RegExp, string][] = [
  [
    /self.signed certificate|unable to (verify the first|get (local )?issuer) certificate/i,
    "put the certificate of its CA into REDIS_CA_FILE",
  ],
  [/does not match certificate's altnames/i, "add a name from its certificate to REDIS_URL: ?tlsServerName=NAME"],
  [
    /certificate required|handshake failure/i,
    "Redis requires a client certificate that it trusts: set REDIS_CERT_FILE and REDIS_KEY_FILE",
  ],
  [
    /wrong version number|packet length too long/i,
    "Redis does not use TLS on that port: begin REDIS_URL with redis instead of rediss",
  ],
];

/** Why a connection to Redis failed, and what to do about it. The text contains no credentials. */
export function connectionProblem(error: Error): string {
  const { cause, lastNodeError } = error as Error & { lastNodeError?: unknown };
  const inner = [cause, lastNodeError].find((value) => value instanceof Error);
  const text = withoutCredentials(inner === undefined ? messageOf(error) : messageOf(inner));
  const found = advice.find(([pattern]) => pattern.test(text));
  return found === undefined ? text : `${text}: ${found[1]}`;
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
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

function withoutCredentials(text: string): string {
  return text.replaceAll(/:[^:@/\s]+@/g, ":…@");
}
