/** Error message pattern → what the person who configures the gateway should do. */
const advice: readonly [RegExp, string][] = [
  [
    /self.signed certificate|unable to (verify the first|get (local )?issuer) certificate/i,
    "put the certificate of its authority into REDIS_CA_FILE",
  ],
  [/does not match certificate's altnames/i, "put a name of its certificate into REDIS_URL: ?tlsServerName=NAME"],
  [
    /certificate required|handshake failure/i,
    "it asks for a client certificate: set REDIS_CERT_FILE and REDIS_KEY_FILE, or another certificate than theirs",
  ],
  [/wrong version number|packet length too long/i, "it does not speak TLS on that port: REDIS_URL begins with rediss"],
];

/** Why a connection to Redis failed and what to do about it. Contains no credentials. */
export function connectionProblem(error: Error): string {
  const { cause, lastNodeError } = error as Error & { lastNodeError?: unknown };
  const inner = [cause, lastNodeError].find((value) => value instanceof Error);
  const text = withoutCredentials(inner === undefined ? messageOf(error) : messageOf(inner));
  const found = advice.find(([pattern]) => pattern.test(text));
  return found === undefined ? text : `${text}: ${found[1]}`;
}

/** OpenSSL's messages begin with a source line. The error's `reason` is the readable part. */
function messageOf(error: Error): string {
  const { reason } = error as Error & { reason?: unknown };
  // A mismatch of certificate names also has a reason, but its message is clearer.
  if (typeof reason === "string" && /:SSL routines:/.test(error.message)) return reason;
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

function withoutCredentials(text: string): string {
  return text.replaceAll(/:[^:@/\s]+@/g, ":…@");
}
