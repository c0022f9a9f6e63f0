import { expect, test } from "@jest/globals";
import { FailureRun } from "./failure-run.ts";
import type { FailureReason } from "./failure.ts";

const failed = (reason: FailureReason) => ({ failure: { reason, detail: "503" } });
const answered = { answer: { ack: undefined, error: undefined, commands: [] } };

function runOf(...outcomes: Parameters<FailureRun["record"]>[0][]): FailureRun {
  const run = new FailureRun();
  for (const [index, outcome] of outcomes.entries()) run.record(outcome, index * 1_000);
  return run;
}

function times<T>(count: number, outcome: T): T[] {
  return Array.from({ length: count }, () => outcome);
}

test("reports the last of five failures in a row, and the time of the first", () => {
  const outcomes = [failed("reset"), failed("reset"), failed("reset"), failed("reset"), failed("status")];
  expect(runOf(answered, ...outcomes).report).toEqual({
    failure: { reason: "status", detail: "503", since: "1970-01-01T00:00:01.000Z" },
  });
  expect(runOf(...outcomes.slice(1)).report).toEqual({});
});

test("reports nothing after a valid answer", () => {
  expect(runOf(...times(6, failed("timeout")), answered).report).toEqual({});
});

test("does not count requests that were not sent", () => {
  expect(runOf(...times(4, failed("timeout")), failed("busy"), failed("unavailable")).report).toEqual({});
});
