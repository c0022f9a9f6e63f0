import { expect, test } from "@jest/globals";
import { connectionProblem, withAdvice } from "./connection-problem.ts";

test.each([
  { text: "ERR max number of clients reached", want: "raise maxclients on Redis" },
  { text: "ERR max number of clients + cluster connections reached", want: "raise maxclients on Redis" },
  { text: "DENIED Redis is running in protected mode", want: "give it a password" },
  { text: "NOAUTH HELLO must be called with the client already authenticated", want: "REDIS_PASSWORD" },
  { text: "WRONGPASS invalid username-password pair or user is disabled.", want: "percent-encode" },
  { text: "tlsv1 alert unknown ca", want: "REDIS_CERT_FILE" },
  { text: "ssl/tls alert certificate expired", want: "REDIS_CERT_FILE" },
  { text: "certificate has expired", want: "renew the certificate of Redis" },
  { text: "tlsv1 alert protocol version", want: "TLS 1.2 or 1.3" },
  { text: "beginLease failed: MOVED 12627 10.0.0.7:6379", want: "begin REDIS_URL with redis+cluster" },
  {
    text: "ERR This instance has cluster support disabled",
    want: "begin REDIS_URL with redis instead of redis+cluster",
  },
  { text: "ERR Only HELLO messages are accepted by Sentinel instances.", want: "use redis+sentinel://" },
])("says what to do about $text", ({ text, want }) => {
  expect(withAdvice(text)).toContain(want);
});

test("says that Redis does not answer when ioredis reports a socket timeout", () => {
  const error = new Error("Socket timeout. Expecting data, but didn't receive any in 4000ms.");
  expect(connectionProblem(error)).toBe("Redis accepts connections but does not answer");
});

test("names the reason instead of ioredis' text when no Sentinel can be used", () => {
  const error = new Error(
    "All sentinels are unreachable. Retrying from scratch after 1885ms. Last error: ERR No such master with that name",
  );
  expect(connectionProblem(error)).toBe(
    "no Sentinel can be used: ERR No such master with that name: correct the name at the end of REDIS_URL: the Sentinels do not know it",
  );
});
