import { expect, test } from "@jest/globals";
import { ledgerReasons } from "../../../server/src/ledger/ledger-reasons.ts";
import { isConnecting, ledgerReasonOf } from "../../src/reconcile/facts/redis-reports.ts";

test("the operator knows every reason for which a gateway's limits are not exact", () => {
  const unknown = Object.keys(ledgerReasons).filter(
    (reason) => !isConnecting({ inexact: { reason, limits: [] } }) && ledgerReasonOf(reason) !== reason,
  );
  expect(unknown).toEqual([]);
});
