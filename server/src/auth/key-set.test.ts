import { describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair } from "jose";
import { candidates, readKeySet } from "./key-set.ts";

const jwkOf = async (algorithm: string, fields: object = {}) => ({
  ...(await exportJWK((await generateKeyPair(algorithm)).publicKey)),
  ...fields,
});
const set = (...keys: unknown[]) => JSON.stringify({ keys });

describe("a key serves the algorithms of its kind", () => {
  test.each([
    { algorithm: "RS256", want: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] },
    { algorithm: "ES256", want: ["ES256"] },
    { algorithm: "ES384", want: ["ES384"] },
    { algorithm: "ES512", want: ["ES512"] },
    { algorithm: "EdDSA", want: ["EdDSA", "Ed25519"] },
  ])("without alg: $algorithm", async ({ algorithm, want }) => {
    const [key] = readKeySet(set(await jwkOf(algorithm)));
    expect(key!.algorithms).toEqual(want);
  });

  test("serves only its alg when it has one, under both names of Ed25519", async () => {
    const keys = readKeySet(set(await jwkOf("RS256", { alg: "PS256" }), await jwkOf("EdDSA", { alg: "Ed25519" })));
    expect(keys.map(({ algorithms }) => algorithms)).toEqual([["PS256"], ["EdDSA", "Ed25519"]]);
  });
});

test("leaves out keys of other uses and kinds", async () => {
  const good = await jwkOf("ES256", { kid: "good", key_ops: ["verify"] });
  const keys = readKeySet(
    set(
      null,
      "text",
      {},
      { kty: "oct", k: "AAAA", kid: "secret" },
      { kty: "RSA", n: "AQ", e: "AQAB", kid: "short" },
      { kty: "EC", crv: "P-999", x: "AQ", y: "AQ" },
      await jwkOf("RS256", { use: "enc" }),
      await jwkOf("RS256", { alg: "RSA-OAEP-256" }),
      await jwkOf("ES256", { key_ops: ["sign"] }),
      await jwkOf("ES256", { alg: "RS256" }),
      good,
    ),
  );
  expect(keys.map(({ kid }) => kid)).toEqual(["good"]);
});

test("reads a key whose optional fields are null", async () => {
  const key = await jwkOf("ES256", { use: null, alg: null, kid: null, key_ops: null, x5c: null });
  expect(readKeySet(set(key))).toMatchObject([{ kid: undefined, algorithms: ["ES256"] }]);
});

test("reads a set that begins with a byte order mark", async () => {
  expect(readKeySet(`\uFEFF${set(await jwkOf("ES256", { kid: "a" }))}`)).toHaveLength(1);
});

describe("refuses a document that is not a key set, and names what it is", () => {
  test.each([
    {
      name: "a discovery document",
      text: JSON.stringify({ issuer: "https://a", jwks_uri: "https://a/k" }),
      want: "jwks_uri",
    },
    { name: "an empty set", text: set(), want: "no public key" },
    { name: "shared secrets only", text: set({ kty: "oct", k: "AAAA" }), want: "no public key" },
    { name: "a list", text: "[]", want: "no public key" },
    { name: "null", text: "null", want: "no public key" },
    { name: "a page", text: "<html>", want: "check that it is the URL of the key set" },
  ])("$name", ({ text, want }) => {
    expect(() => readKeySet(text)).toThrow(want);
  });
});

describe("tries, for a token, ", () => {
  const token = (algorithm: string, kid?: string) => ({ algorithm, kid });
  const indexes = async (wanted: ReturnType<typeof token>, ...fields: (object & { of?: string })[]) => {
    const jwks = await Promise.all(fields.map(({ of = "ES256", ...rest }) => jwkOf(of, rest)));
    const keys = readKeySet(set(...jwks));
    return candidates(keys, wanted).map((key) => keys.indexOf(key));
  };

  test.each([
    { name: "the key with its kid", wanted: token("ES256", "b"), fields: [{ kid: "a" }, { kid: "b" }], want: [1] },
    {
      name: "all keys that share its kid",
      wanted: token("ES256", "a"),
      fields: [{ kid: "a" }, { kid: "a" }],
      want: [0, 1],
    },
    {
      name: "the key for its algorithm when several share its kid",
      wanted: token("RS256", "a"),
      fields: [{ kid: "a" }, { kid: "a", of: "RS256" }],
      want: [1],
    },
    {
      name: "keys without a kid when no key has its kid",
      wanted: token("ES256", "c"),
      fields: [{ kid: "a" }, {}],
      want: [1],
    },
    { name: "no key when its kid is unknown", wanted: token("ES256", "c"), fields: [{ kid: "a" }], want: [] },
    { name: "all keys when it has no kid", wanted: token("ES256"), fields: [{ kid: "a" }, {}], want: [0, 1] },
    {
      name: "at most sixteen keys",
      wanted: token("ES256"),
      fields: Array.from({ length: 20 }, () => ({})),
      want: [...Array(16).keys()],
    },
  ])("$name", async ({ wanted, fields, want }) => {
    expect(await indexes(wanted, ...fields)).toEqual(want);
  });
});
