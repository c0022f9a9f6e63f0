import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { caseIdentifier, covers, roomName, roomOfCase } from "./rooms.ts";

describe("a room's name", () => {
  test.each(["a", "team-7", "case:4711", "user@example.com", "a.b_c=d+e~f", "x".repeat(128)])("may be %s", (name) => {
    expect(roomName.safeParse(name).success).toBe(true);
  });

  test.each<{ name: string; why: string }>([
    { name: "", why: "is empty" },
    { name: "x".repeat(129), why: "is too long" },
    { name: "two words", why: "has a space" },
    { name: "a*", why: "is a pattern" },
    { name: "a#b", why: "has a channel separator" },
    { name: "a/b", why: "has a namespace's slash" },
    { name: "über", why: "is not ASCII" },
    { name: "a\n", why: "ends in a line break" },
    { name: "uzoUdJchdklHIwymAAAA", why: "is where a socket's own messages go" },
  ])("must not be one that $why", ({ name }) => {
    expect(roomName.safeParse(name).success).toBe(false);
  });

  test("is what a case's id makes, whatever the id", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9_.:@=+~-]{1,120}$/),
        (id) => caseIdentifier.safeParse(id).success && roomName.safeParse(roomOfCase(id)).success,
      ),
    );
  });
});

describe("patterns", () => {
  test.each<{ patterns: string[]; room: string; want: boolean }>([
    { patterns: [], room: "a", want: false },
    { patterns: ["a"], room: "a", want: true },
    { patterns: ["a"], room: "ab", want: false },
    { patterns: ["*"], room: "anything", want: true },
    { patterns: ["case:*"], room: "case:1", want: true },
    { patterns: ["case:*"], room: "case:", want: true },
    { patterns: ["case:*"], room: "cases:1", want: false },
    { patterns: ["*:admin"], room: "team:admin", want: true },
    { patterns: ["*:admin"], room: "team:admin:x", want: false },
    { patterns: ["a*b*c"], room: "a-b-b-c", want: true },
    { patterns: ["a*b*c"], room: "a-c-b", want: false },
    { patterns: ["case:.*"], room: "case:1", want: false },
    { patterns: ["x", "y", "z*"], room: "zebra", want: true },
  ])("$patterns on $room: $want", ({ patterns, room, want }) => {
    expect(covers(patterns, room)).toBe(want);
  });

  test("mean what the regular expression would mean", () => {
    const pattern = fc.stringMatching(/^[ab*]{0,12}$/);
    const room = fc.stringMatching(/^[ab]{0,12}$/);
    fc.assert(
      fc.property(
        pattern,
        room,
        (text, name) => covers([text], name) === new RegExp(`^${text.replaceAll("*", ".*")}$`).test(name),
      ),
      { numRuns: 2_000 },
    );
  });

  test("that a regular expression would choke on are answered at once", () => {
    expect(covers(["*a".repeat(127) + "b"], "a".repeat(128))).toBe(false);
  });
});
