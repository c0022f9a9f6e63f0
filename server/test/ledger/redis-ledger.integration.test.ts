import { afterAll, beforeAll } from "@jest/globals";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { exact, ledgerNode } from "./ledger-node.ts";
import { ledgerSuite } from "./ledger.suite.ts";

let redis: TestRedis;
let made = 0;
beforeAll(async () => {
  redis = await startRedis({ password: "between us" });
});
afterAll(() => redis.stop());

ledgerSuite((limits) => exact(ledgerNode({ url: redis.url, prefix: `suite-${made++}`, nodeId: "a", limits })));
