import { expect, test } from "@jest/globals";
import { ledgerMessage, ledgerReasonOf } from "./ledger-reasons.ts";

test.each([
  ["connecting", "connecting"],
  ["connect ECONNREFUSED 127.0.0.1:6379", "unreachable"],
  ["the connection closed", "unreachable"],
  ["no answer within 512 ms", "timeout"],
  [
    "renewLease failed: OOM command not allowed when used memory > 'maxmemory'. script: f, on @user_script:63.",
    "out-of-memory",
  ],
  ["beginLease failed: NOPERM this user has no permissions to run the 'evalsha' command", "no-permission"],
  [
    "takeSeat failed: ERR The user executing the script can't run this command or subcommand script: a5, on @user_script:36.",
    "no-permission",
  ],
  ["WRONGPASS invalid username-password pair or user is disabled.", "no-permission"],
  [
    "takeSeat failed: MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist",
    "disk-error",
  ],
  ["takeSeat failed: NOREPLICAS Not enough good replicas to write.", "too-few-replicas"],
  ["renewLease failed: READONLY You can't write against a read only replica.", "read-only"],
  ["takeSeat failed: ERR user_script:3: attempt to index a nil value", "error"],
  ["takeSeat was answered with something else", "error"],
  ["BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "error"],
  ["LOADING Redis is loading the dataset in memory", "error"],
  ["CLUSTERDOWN Hash slot not served", "error"],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "read-only"],
] as const)("finds the reason in '%s'", (text, want) => {
  expect(ledgerReasonOf(text)).toBe(want);
});

test("puts the explanation before the message of Redis", () => {
  expect(ledgerMessage("renewLease failed: OOM command not allowed")).toBe(
    "Redis refuses writes because its memory is full: renewLease failed: OOM command not allowed",
  );
  expect(ledgerMessage("connecting")).toBe("Redis has not been reached yet");
});
