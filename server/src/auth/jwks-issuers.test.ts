import { beforeEach, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { jwksIssuers, type JwksIssuers } from "./jwks-issuers.ts";

const entry = { issuer: "https://id.example.com", audience: "chat", jwksURL: "https://id.example.com/jwks" };
type Sign = (claims?: Record<string, unknown>) => Promise<string>;

let nowMs: number;
let published: unknown[];
let reads: number;
/** The issuer's next response. If undefined, it answers with the key set. */
let answer: (() => Promise<Response>) | undefined;
let failures: string[];
let issuers: JwksIssuers;

beforeEach(() => {
  nowMs = 1_800_000_000_000;
  [published, reads, answer, failures] = [[], 0, undefined, []];
  issuers = jwksIssuers([entry], {
    fetch: async () => {
      reads += 1;
      return (await answer?.()) ?? new Response(JSON.stringify({ keys: published }));
    },
    onFetchFailed: (issuer, reason, kind) => void failures.push(`${kind}: ${issuer}: ${reason}`),
    onFetched: () => undefined,
  });
});

async function addKey(fields: Record<string, unknown> = {}): Promise<Sign> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  published.push({ ...(await exportJWK(publicKey)), ...fields });
  const { kid } = fields as { kid?: string };
  return (claims = {}) => {
    const exp = Math.floor(nowMs / 1000) + 3600;
    return new SignJWT({ iss: entry.issuer, aud: "chat", sub: "ada", exp, ...claims })
      .setProtectedHeader({ alg: "ES256", ...(kid === undefined ? {} : { kid }) })
      .sign(privateKey);
  };
}

const verify = async (token: string) => issuers.verify(token, nowMs);
const iat = () => Math.floor(nowMs / 1000);
const away = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND id") }));
const ada = { userId: "ada" };
const unavailable = { code: "ISSUER_UNAVAILABLE" };
const notSigned = { code: "UNAUTHENTICATED", message: expect.stringContaining("signature is not valid") };

describe("the key set is read", () => {
  test("once when many tokens come at the same time, and once in 30 s when invented tokens keep coming", async () => {
    const sign = await addKey();
    const [token, forged] = [await sign(), `${(await sign()).replace(/\.[^.]*$/, "")}.bad0`];
    expect(await Promise.all(Array.from({ length: 50 }, () => verify(token)))).toContainEqual(
      expect.objectContaining(ada),
    );
    expect(reads).toBe(1);
    for (let second = 0; second < 60; second += 1) {
      nowMs += 1000;
      expect(await verify(forged)).toMatchObject(notSigned);
    }
    expect(reads).toBe(3);
  });

  test("every ten minutes when no token comes, and clients do not wait for it", async () => {
    const sign = await addKey();
    await issuers.refresh(nowMs);
    nowMs += 599_000;
    await issuers.refresh(nowMs);
    expect(reads).toBe(1);
    nowMs += 1_000;
    answer = () => new Promise(() => undefined);
    expect(await verify(await sign())).toMatchObject(ada);
    expect(reads).toBe(2);
  });

  test("every 5 s while there are no keys, and only the first failure is reported as new", async () => {
    answer = away;
    for (let second = 0; second < 11; second += 1) {
      await issuers.refresh(nowMs);
      nowMs += 1000;
    }
    expect(reads).toBe(3);
    expect(failures).toEqual(
      ["new", "again", "again"].map(
        (kind) => `${kind}: https://id.example.com: fetch failed: getaddrinfo ENOTFOUND id`,
      ),
    );
  });
});

test("verifies tokens of both keys when two keys share a kid", async () => {
  const [first, second] = [await addKey({ kid: "a" }), await addKey({ kid: "a" })];
  expect(await verify(await first())).toMatchObject(ada);
  expect(await verify(await second())).toMatchObject(ada);
});

test("finds the new key when a key is replaced under the same kid", async () => {
  const old = await addKey({ kid: "a" });
  await verify(await old());
  published = [];
  const replaced = await addKey({ kid: "a" });
  nowMs += 31_000;
  expect(await verify(await replaced())).toMatchObject(ada);
  expect(await verify(await old({ jti: "later" }))).toMatchObject(notSigned);
});

describe("while the provider is away", () => {
  test("verifies with the known keys, and reports them as kept", async () => {
    const sign = await addKey();
    await issuers.refresh(nowMs);
    expect(issuers.states()).toEqual([{ issuer: entry.issuer, keys: "read" }]);
    answer = away;
    nowMs += 3_600_000;
    expect(await verify(await sign())).toMatchObject(ada);
    await issuers.refresh(nowMs);
    expect(issuers.states()).toEqual([
      { issuer: entry.issuer, keys: "kept", reason: "fetch failed: getaddrinfo ENOTFOUND id" },
    ]);
  });

  test("keeps the known keys when the provider answers with an empty set", async () => {
    const sign = await addKey();
    await issuers.refresh(nowMs);
    published = [];
    nowMs += 600_000;
    await issuers.refresh(nowMs);
    expect(issuers.states()).toMatchObject([{ keys: "kept", reason: expect.stringContaining("no public key") }]);
    expect(await verify(await sign())).toMatchObject(ada);
  });

  test("refuses clients temporarily when the key of their token is not known", async () => {
    const sign = await addKey();
    answer = away;
    expect(await verify(await sign())).toMatchObject(unavailable);
    expect(issuers.states()).toMatchObject([{ keys: "none" }]);
    answer = undefined;
    nowMs += 5_000;
    expect(await verify(await sign())).toMatchObject(ada);
    answer = away;
    const signNew = await addKey();
    nowMs += 31_000;
    expect(await verify(await signNew())).toMatchObject(unavailable);
  });
});

test("refuses a client temporarily when its token is newer than the keys, and permanently when it is older", async () => {
  const sign = await addKey();
  await verify(await sign());
  const signNew = await addKey();
  nowMs += 10_000;
  expect(await verify(await signNew({ iat: iat() - 11 }))).toMatchObject(notSigned);
  expect(await verify(await signNew({ iat: iat() }))).toMatchObject(unavailable);
  expect(await verify(await signNew({ iat: iat() + 3600 }))).toMatchObject(notSigned);
  nowMs += 21_000;
  expect(await verify(await signNew({ iat: iat() }))).toMatchObject(ada);
});

describe("checks the claims: ", () => {
  test.each([
    { name: "an issuer with a slash at its end", claims: { iss: "https://id.example.com/" }, want: ada },
    { name: "a list of audiences", claims: { aud: ["shop", "chat"] }, want: ada },
    { name: "a clock that is 20 s ahead", claims: { nbf: 1_800_000_020 }, want: ada },
    {
      name: "not valid yet",
      claims: { nbf: 1_800_000_031 },
      want: { message: expect.stringContaining("not valid yet") },
    },
    {
      name: "a time that is not a number",
      claims: { nbf: "soon" },
      want: { message: "the token's nbf is not a number" },
    },
    { name: "rooms in one text", claims: { rooms: " team-1  lobby " }, want: { ...ada, rooms: ["team-1", "lobby"] } },
    {
      name: "rooms that are no list",
      claims: { rooms: { a: 1 } },
      want: { message: expect.stringContaining("must be a list") },
    },
    { name: "no end", claims: { exp: undefined }, want: { message: "the token needs an exp claim" } },
    {
      name: "an end that is a text",
      claims: { exp: "1800000600" },
      want: { message: expect.stringContaining("exp must be a number") },
    },
    { name: "expired", claims: { exp: 1_799_999_999 }, want: { code: "TOKEN_EXPIRED" } },
    { name: "no audience", claims: { aud: undefined }, want: { message: expect.stringContaining("no aud") } },
  ])("$name", async ({ claims, want }) => {
    const sign = await addKey();
    expect(await verify(await sign(claims))).toMatchObject(want);
  });

  test("refuses a token when one of several claims names another client", async () => {
    const { audience: _, ...rest } = entry;
    issuers = jwksIssuers([{ ...rest, clientId: "web" }], {
      fetch: async () => new Response(JSON.stringify({ keys: published })),
      onFetchFailed: () => undefined,
      onFetched: () => undefined,
    });
    const sign = await addKey();
    expect(await verify(await sign({ client_id: "web" }))).toMatchObject(ada);
    expect(await verify(await sign({ client_id: "web", azp: "web" }))).toMatchObject(ada);
    expect(await verify(await sign({ client_id: "web", azp: null }))).toMatchObject(ada);
    expect(await verify(await sign({ client_id: "web", azp: "other" }))).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await verify(await sign())).toMatchObject({ message: expect.stringContaining("names no client") });
  });
});

test("takes a claim that is null as missing", async () => {
  const sign = await addKey();
  const none = { nbf: null, iat: null, jti: null, rooms: null };
  expect(await verify(await sign(none as never))).toMatchObject(ada);
  expect(await verify(await sign({ sub: null }))).toMatchObject({ code: "UNAUTHENTICATED" });
});

test("repeats no value of the token in a refusal", async () => {
  const sign = await addKey({ kid: "kid-of-it" });
  const secret = "s3cret-value";
  const tokens = [
    await sign({ iss: `https://${secret}` }),
    await sign({ aud: secret }),
    await sign({ nbf: secret }),
    await sign({ rooms: [secret, 7] }),
    await sign({ sub: secret.repeat(99) }),
    `${secret}.${secret}.${secret}`,
    secret,
  ];
  for (const token of tokens) expect(JSON.stringify(await verify(token))).not.toContain(secret);
});
