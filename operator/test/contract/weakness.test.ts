// A gateway with a weak key exits at its start. So the operator must refuse the same keys as the gateway, before it
// starts a gateway.
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseAuth } from "../../../server/src/auth/auth-config.ts";
import { weaknessOf } from "../../src/watches/secret-weakness.ts";

const isRefusedByGateways = (secrets: string) => {
  const { auth, problems } = parseAuth({ secrets, issuers: "", isDemo: false });
  return problems.length > 0 || auth.type === "none";
};
const good = "c2f1e0d9b8a7968574635241302f1e0d";

test.each([
  { sentence: "a random key", text: good, wantWeak: false },
  { sentence: "a random key with a newline at the end", text: `${good}\n`, wantWeak: false },
  { sentence: "two random keys, one per line", text: `${good}\n${good}9`, wantWeak: false },
  { sentence: "a good key and a short one", text: `${good}\nshort`, wantWeak: true },
  { sentence: "nothing", text: "", wantWeak: true },
  { sentence: "white space", text: " \n \n", wantWeak: true },
  { sentence: "31 bytes and a newline", text: `${good.slice(1)}\n`, wantWeak: true },
  { sentence: "two characters over and over", text: "ab".repeat(20), wantWeak: true },
  { sentence: "seven characters over and over", text: "abcdefg".repeat(6), wantWeak: true },
  { sentence: "eight characters over and over", text: "abcdefgh".repeat(5), wantWeak: false },
  { sentence: "a manual's example", text: "your-secret-key-which-is-not-secret-at-all", wantWeak: true },
  { sentence: "few characters of several bytes", text: "éèêëàâäé".repeat(3), wantWeak: true },
])("$sentence: operator and gateway agree", ({ text, wantWeak }) => {
  expect(isRefusedByGateways(text)).toBe(wantWeak);
  expect(weaknessOf(text) !== undefined).toBe(wantWeak);
});

test("they agree on any other content of a Secret", () => {
  const word = fc.constantFrom("change", "me", "my", "secret", "default", "-", "_", " ", "é", "ab", good, "\n");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(word, { maxLength: 12 }).map((words) => words.join("")),
        fc.string({ unit: "grapheme", maxLength: 60 }),
      ),
      (text) => {
        expect(weaknessOf(text) !== undefined).toBe(isRefusedByGateways(text));
      },
    ),
    { numRuns: 1000 },
  );
});
