import { ledgerSuite } from "../../../test/ledger/ledger.suite.ts";
import { memoryLedger } from "./memory-ledger.ts";

ledgerSuite(async (limits) => memoryLedger({ limits, now: Date.now }));
