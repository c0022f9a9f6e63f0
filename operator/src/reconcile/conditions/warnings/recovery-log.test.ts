import { expect, test } from "@jest/globals";
import { allAnswered, healthy } from "../../../../test/reconcile/condition-cases.ts";
import { recoveryLog } from "./recovery-log.ts";

const reason = "NOPERM User gateway has no permissions to run the 'xadd' command";
const recovery = { windowSeconds: 0, promisedSeconds: 120, reason };
const external = { redis: { type: "External", external: { urlSecret: { name: "redis" } } } };

test("warns when Redis works but refuses the log of recovery", () => {
  const warning = recoveryLog(allAnswered(healthy(external), { recovery }));
  expect(warning?.reason).toBe("RecoveryUnavailable");
  expect(warning?.message).toContain(reason);
  expect(warning?.message).toContain("give the user of the URL the commands");
});

test("warns of nothing when the log works", () => {
  expect(
    recoveryLog(allAnswered(healthy({}), { recovery: { windowSeconds: 120, promisedSeconds: 120 } })),
  ).toBeUndefined();
});

test("leaves it to RedisReady when Redis cannot be reached at all", () => {
  const bus = { phase: "down", reason: "ECONNREFUSED" } as const;
  expect(recoveryLog(allAnswered(healthy({}), { recovery, bus }))).toBeUndefined();
});
