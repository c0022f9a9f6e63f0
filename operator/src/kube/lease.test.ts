import { expect, test } from "@jest/globals";
import { ApiError } from "./errors.ts";
import type { Kube } from "./kube.ts";
import { leaseStore } from "./lease.ts";

const mine = { holder: "operator-1", durationSeconds: 15, acquiredMs: 0, renewedMs: 0, transitions: 0 };
const refusing = (status: number) => {
  const refuse = () => Promise.reject(new ApiError("refused", { status, reason: "x" }));
  return leaseStore(
    { get: () => Promise.resolve(undefined), create: refuse, replace: refuse } satisfies Pick<
      Kube,
      "get" | "create" | "replace"
    >,
    "realtime-system",
    "realtime-operator",
  );
};

test.each([
  { when: "another holder created it", status: 409, record: mine },
  { when: "another holder renewed it", status: 409, record: { ...mine, version: "1" } },
  { when: "it was deleted", status: 404, record: { ...mine, version: "1" } },
])("a write is in vain where $when", async ({ status, record }) => {
  await expect(refusing(status).write(record, AbortSignal.timeout(1000))).resolves.toBeUndefined();
});

test.each([
  { when: "its namespace is missing", status: 404 },
  { when: "a role is missing", status: 403 },
])("a write fails aloud where $when", async ({ status }) => {
  await expect(refusing(status).write(mine, AbortSignal.timeout(1000))).rejects.toThrow("refused");
});
