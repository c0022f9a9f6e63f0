import { expect, test } from "@jest/globals";
import { refuse, type Refusal } from "../protocol/refusals.ts";
import type { Identity } from "./identity.ts";
import { rememberedTokens } from "./remembered-tokens.ts";

const identity = (userId: string, expiresAtMs = 1_000): Identity => ({
  userId,
  issuedAtMs: 0,
  expiresAtMs,
  rooms: [],
  claims: {},
});

/** A verifier that counts its calls. */
function counting(answer: (token: string) => Identity | Refusal | Promise<Identity | Refusal>) {
  const asked: string[] = [];
  return { asked, verify: (token: string) => (asked.push(token), answer(token)) };
}

test("verifies a token once and remembers it until it expires", async () => {
  const { asked, verify } = counting((token) => identity(token));
  const remembered = rememberedTokens(verify);
  expect(await remembered("ada", 0)).toEqual(identity("ada"));
  expect(await remembered("ada", 999)).toEqual(identity("ada"));
  expect(asked).toEqual(["ada"]);
  await remembered("ada", 1_000);
  expect(asked).toEqual(["ada", "ada"]);
});

test("remembers a verdict that was given asynchronously", async () => {
  const { asked, verify } = counting(async (token) => identity(token));
  const remembered = rememberedTokens(verify);
  await remembered("ada", 0);
  expect(remembered("ada", 1)).toEqual(identity("ada"));
  expect(asked).toEqual(["ada"]);
});

test("verifies a refused token again each time", async () => {
  const { asked, verify } = counting(() => refuse("UNAUTHENTICATED"));
  const remembered = rememberedTokens(verify);
  await remembered("forged", 0);
  await remembered("forged", 0);
  expect(asked).toHaveLength(2);
});

test("keeps the verdicts of two tokens apart", async () => {
  const remembered = rememberedTokens((token: string) => identity(token));
  await remembered("ada", 0);
  expect(await remembered("eve", 0)).toMatchObject({ userId: "eve" });
});

test("forgets the oldest tokens when it is full", async () => {
  const { asked, verify } = counting((token) => identity(token));
  const remembered = rememberedTokens(verify, String, 10);
  for (let user = 0; user <= 10; user += 1) await remembered(`user-${user}`, 0);
  await remembered("user-10", 0);
  await remembered("user-0", 0);
  expect(asked.slice(11)).toEqual(["user-0"]);
});
