import { expect, test } from "@jest/globals";
import { ledgerSuite } from "../../../test/ledger/ledger.suite.ts";
import { someLimits } from "../../../test/ledger/some-limits.ts";
import { memoryLedger, MOST_KEYS } from "./memory-ledger.ts";

ledgerSuite(async (limits) => memoryLedger({ limits, now: Date.now }));

test("reports each idempotency key that it forgets before it expires", async () => {
  let forgotten = 0;
  const ledger = memoryLedger({ limits: someLimits, now: () => 0, onKeyForgotten: () => (forgotten += 1) });
  for (let index = 0; index <= MOST_KEYS; index += 1) await ledger.claimOnce(`key-${index}`, 1000);
  expect(forgotten).toBe(MOST_KEYS / 10);
  expect(await ledger.claimOnce("key-0", 1000)).toBe("claimed");
  expect(await ledger.claimOnce(`key-${MOST_KEYS}`, 1000)).toBe("used");
});
