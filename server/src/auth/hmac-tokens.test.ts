import { createHmac } from "node:crypto";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { jwtVerify } from "jose";
import { isRefusal, type Refusal } from "../protocol/refusals.ts";
import { hmacTokens, weaknessOf } from "./hmac-tokens.ts";

const NOW_MS = 1_800_000_000_000;
const NOW_SECONDS = NOW_MS / 1000;
const OURS = "3d9f0c5e7b1a8642f0e1d2c3b4a59687";
const OLDER = "97865a4b3c2d1e0f2468a1b7e5c0f9d3";
const FOREIGN = "ffeeddccbbaa99887766554433221100";
const verify = hmacTokens([OURS, OLDER]);

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const sign = (secret: string, text: string): string =>
  `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
interface Parts {
  header?: object;
  claims?: object | string;
  secret?: string;
}
const token = ({ header = { alg: "HS256" }, claims = {}, secret = OURS }: Parts = {}): string =>
  sign(
    secret,
    `${encoded(header)}.${encoded(typeof claims === "string" ? claims : { sub: "ada", exp: NOW_SECONDS + 60, ...claims })}`,
  );

const cases: Record<string, { token: string; wantCode?: string; wantMessage?: RegExp }> = {
  "a token of ours is taken": { token: token() },
  "a token signed with the older secret is taken": { token: token({ secret: OLDER }) },
  "an unknown claim does not matter": { token: token({ claims: { color: "blue" } }) },
  "a token signed by somebody else is refused": {
    token: token({ secret: FOREIGN }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /signature/,
  },
  "no signature is refused": {
    token: `${encoded({ alg: "none" })}.${encoded({ sub: "ada", exp: NOW_SECONDS + 60 })}.`,
    wantCode: "UNAUTHENTICATED",
  },
  "another algorithm is refused though the HMAC is right": {
    token: token({ header: { alg: "HS512" } }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /HS256/,
  },
  "an extension that must be understood is refused": {
    token: token({ header: { alg: "HS256", crit: ["b64"], b64: false } }),
    wantCode: "UNAUTHENTICATED",
  },
  "padding behind the signature is refused": { token: `${token()}=`, wantCode: "UNAUTHENTICATED" },
  "a fourth part is refused": { token: `${token()}.x`, wantCode: "UNAUTHENTICATED", wantMessage: /HS256/ },
  "two parts are refused": {
    token: token().split(".").slice(0, 2).join("."),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /HS256/,
  },
  "an empty text is refused": { token: "", wantCode: "UNAUTHENTICATED" },
  "claims that are no object are refused": {
    token: token({ claims: "[1]" }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /HS256/,
  },
  "claims that are no JSON are refused": {
    token: token({ claims: "{" }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /HS256/,
  },
  "a token that has run out says so": { token: token({ claims: { exp: NOW_SECONDS } }), wantCode: "TOKEN_EXPIRED" },
  "a token that never runs out is refused": {
    token: token({ claims: { exp: undefined } }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /exp/,
  },
  "a token that runs out when no calendar goes on is refused": {
    token: token({ claims: { exp: 8_640_000_000_001 } }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /exp/,
  },
  "a token that runs out on the last day there is is taken": { token: token({ claims: { exp: 8_640_000_000_000 } }) },
  "an id that is a number is refused: a revocation could not name it": {
    token: token({ claims: { jti: 5 } }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /jti/,
  },
  "an empty id is refused": { token: token({ claims: { jti: "" } }), wantCode: "UNAUTHENTICATED", wantMessage: /jti/ },
  "an id longer than a revocation can name is refused": {
    token: token({ claims: { jti: "j".repeat(257) } }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /jti/,
  },
  "an id is kept": { token: token({ claims: { jti: "j".repeat(256) } }) },
  "a token for later is refused": {
    token: token({ claims: { nbf: NOW_SECONDS + 31 } }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /not valid yet/,
  },
  "a token from now on is taken": { token: token({ claims: { nbf: NOW_SECONDS } }) },
  "a token of an issuer whose clock is 30 s ahead is taken": { token: token({ claims: { nbf: NOW_SECONDS + 30 } }) },
  "a date that is text is refused": {
    token: token({ claims: { nbf: "0" } }),
    wantCode: "UNAUTHENTICATED",
    wantMessage: /HS256/,
  },
};

test.each(Object.entries(cases))("%s", async (_sentence, { token, wantCode, wantMessage }) => {
  const answer = await verify(token, NOW_MS);
  expect(isRefusal(answer) ? answer.code : undefined).toBe(wantCode);
  if (wantMessage !== undefined) expect((answer as Refusal).message).toMatch(wantMessage);
  if (wantCode === undefined) expect(answer).toMatchObject({ userId: "ada" });
});

test("gives the same verdicts as jose when tokens are changed at random", async () => {
  const key = new TextEncoder().encode(OURS);
  const only = hmacTokens([OURS]);
  const values = fc.oneof(
    fc.constantFrom("HS256", "HS512", "none", NOW_SECONDS - 1, NOW_SECONDS, NOW_SECONDS + 31, null, true),
    fc.string(),
    fc.double({ max: 8_640_000_000_000 }),
  );
  const header = fc.record(
    {
      alg: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>("HS256") }, values),
      typ: fc.constant("JWT"),
      crit: fc.constantFrom(["b64"], [], "exp"),
    },
    { requiredKeys: ["alg"] },
  );
  const claims = fc.record(
    {
      iat: values,
      nbf: values,
      exp: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(NOW_SECONDS + 60) }, values),
    },
    { requiredKeys: ["exp"] },
  );
  const edit = fc.option(fc.record({ at: fc.nat(400), put: fc.constantFrom("", "A", ".", "=", "!", "é") }), {
    freq: 3,
  });
  await fc.assert(
    fc.asyncProperty(header, claims, edit, fc.constantFrom(OURS, FOREIGN), async (header, claims, edit, secret) => {
      const whole = token({ header, claims, secret });
      const given = edit === null ? whole : whole.slice(0, edit.at) + edit.put + whole.slice(edit.at + 1);
      const theirs = await jwtVerify(given, key, {
        algorithms: ["HS256"],
        currentDate: new Date(NOW_MS),
        requiredClaims: ["exp", "sub"],
      }).then(
        () => true,
        () => false,
      );
      // The last character of base64url has unused bits, so several texts decode to the same signature. jose accepts
      // all of them.
      const signature = given.split(".")[2] ?? "";
      const isCanonical = Buffer.from(signature, "base64url").toString("base64url") === signature;
      expect(!isRefusal(await only(given, NOW_MS))).toBe(theirs && isCanonical);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["a short secret is weak", "short", /32 bytes/],
  ["a secret of few characters is weak", "ab".repeat(20), /repeats/],
  ["a secret out of a manual is weak", "change-me-this-is-the-default-secret", /well-known/],
  ["a drawn secret is fine", OURS, undefined],
])("%s", (_sentence, secret, want) => {
  if (want === undefined) expect(weaknessOf(secret)).toBeUndefined();
  else expect(weaknessOf(secret)).toMatch(want);
});
