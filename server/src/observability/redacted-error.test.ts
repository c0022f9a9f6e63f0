import { describe, expect, test } from "@jest/globals";
import { redacted, redactedError } from "./redacted-error.ts";

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

describe("a redacted message keeps", () => {
  test.each([
    "Cannot read properties of undefined (reading 'size')",
    "ENOENT: no such file or directory, open '/etc/gateway/live.json'",
    "maxConnectionsPerAddress is not a function",
    "CONNECTION_LIMIT_EXCEEDED is not defined",
  ])("%s", (message) => {
    expect(redacted(message)).toBe(message);
  });
});

describe("a redacted message does not contain", () => {
  test.each<{ name: string; message: string; want: string }>([
    {
      name: "JSON that was not valid",
      message: `Unexpected token 'h', ..."{"a": hello}"... is not valid JSON`,
      want: `Unexpected token 'h', ..."…"... is not valid JSON`,
    },
    { name: "a quotation that was cut", message: `bad value "${"hello ".repeat(200)}"`, want: `bad value "…"` },
    {
      name: "the text after a quotation whose end was cut",
      message: `bad "value" in ${"hello ".repeat(200)}`,
      want: `bad "…"`,
    },
    { name: "a quotation without an end", message: `bad "hello there`, want: `bad "…"` },
    { name: "an opaque key", message: "no session 4f1c9d8e7a6f5b4c3d2e1f0a", want: "no session …" },
    { name: "a quoted sentence", message: "no room 'the old library' here", want: "no room '…' here" },
    { name: "a token", message: `cannot verify ${jwt}`, want: "cannot verify …" },
    { name: "a bearer", message: "refused Bearer hunter2 here", want: "refused Bearer … here" },
    { name: "a password", message: "password=hunter2, user", want: "password=… user" },
    { name: "a cookie", message: "Cookie: session=1234", want: "Cookie: …" },
    { name: "an address", message: "connect ECONNREFUSED 203.0.113.9:6379", want: "connect ECONNREFUSED …:6379" },
    {
      name: "an address of version 6",
      message: "connect ECONNREFUSED 2001:db8::9 here",
      want: "connect ECONNREFUSED … here",
    },
    {
      name: "the user in a URL",
      message: "cannot reach redis://default:hunter2@redis",
      want: "cannot reach redis://…@redis",
    },
    { name: "a mail address", message: "ada@example.com is not known", want: "…@example.com is not known" },
  ])("$name", ({ message, want }) => {
    expect(redacted(message)).toBe(want);
  });

  test("is fast for a message that is made to be slow", () => {
    expect(redacted(`${":a".repeat(5_000_000)}`).length).toBeLessThan(600);
  });
});

test("drops the properties that libraries add to an error", () => {
  const error = Object.assign(new TypeError("failed"), {
    command: { name: "SET", args: ["hunter2"] },
    code: "hunter2",
  });
  const copy = redactedError(error);
  expect(Object.keys(copy)).toEqual([]);
  expect(copy.name).toBe("TypeError");
  expect(copy.stack).toContain("redacted-error.test.ts");
});

test("redacts an error whose fields are not texts", () => {
  const odd = Object.assign(new Error("x"), { message: { token: "hunter2" }, name: 7, stack: undefined });
  expect(redactedError(odd).stack).toBe(": \n");
});

test("lines of a message do not count as frames", () => {
  const copy = redactedError(new Error(`first\n    at hunter2 (/home/hunter2.ts:1:1)`));
  expect(copy.stack!.split("\n").filter((line) => line.startsWith("    at ")).length).toBeGreaterThan(1);
  expect(copy.stack!.split("\n").slice(3).join("\n")).not.toContain("hunter2");
});

test("redacts causes too, also when they form a circle", () => {
  const inner = new Error("password: hunter2");
  const outer = new Error("while trying", { cause: inner });
  inner.cause = outer;
  const copy = redactedError(outer);
  expect((copy.cause as Error).message).toBe("password: …");
  expect((((copy.cause as Error).cause as Error).cause as Error).cause).toBeUndefined();
});

test.each([
  ["a string", "hunter2"],
  ["null", null],
  ["undefined", undefined],
  ["an object", { token: "hunter2" }],
])("of %s only its type is told", (_, thrown) => {
  const { message } = redactedError(thrown);
  expect(message).toMatch(/^the thrown value is not an Error but (string|null|undefined|object)$/);
});
