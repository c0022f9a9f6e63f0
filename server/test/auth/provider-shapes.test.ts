import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Identity } from "../../src/auth/identity.ts";
import { jwksIssuers } from "../../src/auth/jwks-issuers.ts";
import type { Refusal } from "../../src/protocol/refusals.ts";
import { providerShapes, type ProviderShape } from "./provider-shapes.ts";

/** Simulates an identity provider that publishes its keys in this form, and signs tokens with them. */
async function provider(shape: ProviderShape) {
  const published: Record<string, unknown>[] = [...(shape.otherKeys ?? [])];
  let nowMs = 1_800_000_000_000;
  let reads = 0;
  const jwksURL = "https://provider.invalid/jwks";
  const issuers = jwksIssuers([{ ...shape.entry, jwksURL }], {
    fetch: async () => {
      reads += 1;
      return new Response(JSON.stringify({ keys: published }));
    },
    onFetchFailed: () => undefined,
    onFetched: () => undefined,
  });
  const addKey = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair(shape.algorithm);
    const named = shape.hasKid === false ? {} : { kid };
    const { algorithm: alg, keyFields } = shape;
    const jwk = { ...(await exportJWK(publicKey)), alg, ...named, ...keyFields };
    published.push(JSON.parse(JSON.stringify(jwk)) as Record<string, unknown>);
    return (claims: Record<string, unknown> = {}): Promise<string> => {
      const iat = Math.floor(nowMs / 1000);
      return new SignJWT({ iat, exp: iat + 60, ...shape.claims, ...claims })
        .setProtectedHeader({ alg, ...named, ...shape.header })
        .sign(privateKey);
    };
  };
  return {
    addKey,
    withdrawFirst: () => void published.splice(shape.otherKeys?.length ?? 0, 1),
    verify: async (token: string) => issuers.verify(token, nowMs),
    advance: (seconds: number) => void (nowMs += seconds * 1000),
    reads: () => reads,
  };
}

const identity = ({ wantUser, wantRooms }: ProviderShape): Partial<Identity> => ({
  userId: wantUser,
  rooms: wantRooms,
});

describe.each(Object.entries(providerShapes))("%s", (_name, shape) => {
  let it: Awaited<ReturnType<typeof provider>>;
  let sign: Awaited<ReturnType<typeof it.addKey>>;
  beforeEach(async () => {
    it = await provider(shape);
    sign = await it.addKey("one");
  });

  test("accepts a token, with its user and rooms", async () => {
    expect(await it.verify(await sign())).toMatchObject(identity(shape));
  });

  test("refuses a token for another application, and says what is wrong", async () => {
    const refusal = (await it.verify(await sign(shape.forAnother.claims))) as Refusal;
    expect(refusal).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(refusal.message).toContain(shape.forAnother.want);
  });

  test("accepts tokens of the old and of the new key while both are published", async () => {
    await it.verify(await sign());
    const signNew = await it.addKey("two");
    it.advance(31);
    expect(await it.verify(await signNew())).toMatchObject(identity(shape));
    expect(await it.verify(await sign())).toMatchObject(identity(shape));
    expect(it.reads()).toBe(2);
  });

  test("accepts tokens of the new key and refuses those of the old one when the new key has replaced it", async () => {
    await it.verify(await sign());
    const signNew = await it.addKey("two");
    it.withdrawFirst();
    it.advance(31);
    expect(await it.verify(await signNew())).toMatchObject(identity(shape));
    expect(await it.verify(await sign({ jti: "later" }))).toMatchObject({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining("signature is not valid"),
    });
  });
});

test("docs/tokens.md has a row for each of these providers, with what its entry needs", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/tokens.md"), "utf8");
  const section = page.split("## What each provider needs")[1]!.split("\n## ")[0]!;
  const rows = new Map([...section.matchAll(/^\| ([^|`]+?) +\|(.*)\|$/gm)].map(([, name, rest]) => [name!, rest!]));
  for (const heading of ["provider", "---"]) rows.delete(heading);
  for (const name of rows.keys()) if (/^-+$/.test(name)) rows.delete(name);
  expect([...rows.keys()].sort()).toEqual(Object.keys(providerShapes).sort());
  for (const [name, { entry }] of Object.entries(providerShapes)) {
    for (const field of ["audience", "clientId", "roomsClaim"] as const) {
      const named = rows.get(name)!.includes(`\`${field}:`);
      expect([name, field, named]).toEqual([name, field, entry[field] !== undefined]);
    }
  }
});
