import { describe, expect, test } from "@jest/globals";
import { readSignedToken } from "./signed-token.ts";

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (header: object, claims: unknown = { sub: "ada" }) => `${part(header)}.${part(claims)}.c2ln`;

test.each([{}, { typ: "JWT" }, { typ: "at+jwt" }, { typ: "application/at+jwt" }, { typ: "com.example+jwt" }])(
  "reads a token whose header holds %j",
  (header) => {
    expect(readSignedToken(token({ alg: "ES256", kid: "one", ...header }))).toMatchObject({
      algorithm: "ES256",
      kid: "one",
      claims: { sub: "ada" },
    });
  },
);

describe("refuses with what the token is instead", () => {
  test.each([
    { name: "an opaque token", text: "ory_at_0123456789", want: "not a JWT" },
    { name: "an opaque token with a dot", text: "ya29.a0AfH6SMB", want: "not a JWT" },
    {
      name: "an encrypted token",
      text: `${part({ alg: "dir", enc: "A256GCM" })}..aXY.Y2lwaGVy.dGFn`,
      want: "encrypted",
    },
    { name: "a header that is not JSON", text: "e30x.e30.c2ln", want: "header cannot be read" },
    { name: "claims that are not an object", text: token({ alg: "RS256" }, [1]), want: "claims cannot be read" },
    { name: "no signature", text: token({ alg: "none" }), want: "not signed" },
    { name: "a shared secret", text: token({ alg: "HS256" }), want: "signed with a shared secret" },
    { name: "an algorithm that is not supported", text: token({ alg: "ES256K" }), want: "use one of RS256" },
    {
      name: "an extension",
      text: token({ alg: "RS256", crit: ["b64"], b64: false }),
      want: "crit header is not supported",
    },
    { name: "a logout token", text: token({ alg: "RS256", typ: "logout+jwt" }), want: "not an access token" },
    { name: "a proof", text: token({ alg: "RS256", typ: "application/DPoP+jwt" }), want: "not an access token" },
  ])("$name", ({ text, want }) => {
    expect(readSignedToken(text)).toEqual({ code: "UNAUTHENTICATED", message: expect.stringContaining(want) });
  });
});
