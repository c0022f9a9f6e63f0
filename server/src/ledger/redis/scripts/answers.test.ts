import { expect, test } from "@jest/globals";
import { isAnswerTo } from "./answers.ts";
import type { ScriptName } from "./scripts.ts";

test.each<{ name: string; script: ScriptName; reply: unknown; want: boolean }>([
  { name: "a seat that is taken", script: "takeSeat", reply: ["taken", 5], want: true },
  { name: "a lease that has lapsed", script: "takeSeat", reply: ["lapsed"], want: true },
  {
    name: "a room's answer where a seat's answer is expected",
    script: "takeSeat",
    reply: ["entered", 1, 1],
    want: false,
  },
  {
    name: "a seat's answer where a window's answer is expected",
    script: "takeWindow",
    reply: ["taken", 5],
    want: false,
  },
  {
    name: "words where numbers are expected",
    script: "renewLease",
    reply: ["held", "nan", 1, 1, 1],
    want: false,
  },
  { name: "nothing to free", script: "freeLease", reply: ["", "0", 0], want: true },
  { name: "an empty room", script: "members", reply: [], want: true },
  { name: "a list with a hole", script: "members", reply: ["ada", null], want: false },
  { name: "null", script: "members", reply: null, want: false },
  { name: "a text", script: "declare", reply: "declared", want: false },
])("$name", ({ script, reply, want }) => {
  expect(isAnswerTo(script, reply)).toBe(want);
});
