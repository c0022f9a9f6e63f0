/** What a message means for the person who configures the gateway. */
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

/** Why a connection to Redis failed and what to do about it, without credentials. */
export function connectionProblem(error: Error): string {
  const { cause, lastNodeError } = error as Error & { lastNodeError?: unknown };
  const inner = [cause, lastNodeError].find((value) => value instanceof Error);
  const text = withoutCredentials(inner === undefined ? messageOf(error) : messageOf(inner));
  const found = advice.find(([pattern]) => pattern.test(text));
  return found === undefined ? text : `${text}: ${found[1]}`;
}

/** OpenSSL's messages begin with the line of its source; `reason` is what they say. */
function messageOf(error: Error): string {
  const { reason } = error as Error & { reason?: unknown };
  // A certificate's altnames mismatch has a reason as well, which is its message without "does not match".
  if (typeof reason === "string" && /:SSL routines:/.test(error.message)) return reason;
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

function withoutCredentials(text: string): string {
  return text.replaceAll(/:[^:@/\s]+@/g, ":…@");
}
