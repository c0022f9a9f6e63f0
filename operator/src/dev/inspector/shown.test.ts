import { expect, test } from "@jest/globals";
import { shown, shownJson } from "./shown.ts";

const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkZXYifQ.qaX5Urqz351ONPMgaWQrzwu7";

test.each([
  ["a token in a field", { token: "opaque-secret" }, '{"token":"(hidden)"}'],
  ["a token inside text", { text: `use ${TOKEN} now` }, '{"text":"use (token) now"}'],
  ["a token as the only value", TOKEN, '"(token)"'],
  ["the private id of a session", { sid: "a", pid: "b" }, '{"sid":"a","pid":"(hidden)"}'],
  ["bytes", { file: new Uint8Array(3) }, '{"file":"(3 bytes)"}'],
])("hides %s", (_what, value, want) => {
  expect(shown(value)).toBe(want);
});

test("hides tokens in text that is not JSON, and cuts long text", () => {
  expect(shownJson(`Bearer ${TOKEN}`)).toBe("Bearer (token)");
  expect(shownJson("x".repeat(5_000))).toHaveLength(2_000);
});
