import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { ledgerFleet } from "./ledger-fleet.ts";

const on = ledgerFleet("closed");

test("a node that drains stays closed when a rebalance of it ends, and under a new lease", async () => {
  const nodes = await on.start(2);
  const [draining, other] = nodes;
  expect(await draining.cordon(4_000)).toBe(true);
  draining.retire();
  await draining.uncordon();
  expect(await other.cordon(4_000)).toBe(false);
  await on.client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  const areExact = async (): Promise<boolean> => nodes.every((node) => node.state().exactness.isExact);
  await until("both to be exact", areExact, 30_000, 20);
  expect(await other.cordon(4_000)).toBe(false);
});
