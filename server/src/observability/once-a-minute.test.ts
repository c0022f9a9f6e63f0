import { expect, test } from "@jest/globals";
import { onceAMinute } from "./once-a-minute.ts";

test("reports the first event at once, and the number of the others a minute later", () => {
  let now = 0;
  const said: [number, string][] = [];
  const lost = onceAMinute(
    () => now,
    (...line) => said.push(line),
  );
  lost(2, "refused");
  now = 59_999;
  lost(3, "refused");
  lost(4, "refused");
  expect(said).toEqual([[2, "refused"]]);
  now = 60_000;
  lost(1, "timeout");
  expect(said).toEqual([
    [2, "refused"],
    [8, "timeout"],
  ]);
});
