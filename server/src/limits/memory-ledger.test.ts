import { ledgerSuite } from "../../test/limits/ledger.suite.ts";
import { memoryLedger } from "./memory-ledger.ts";

ledgerSuite(async (limits) => memoryLedger({ limits, now: Date.now }));
