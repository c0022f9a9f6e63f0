import { expect, test } from "@jest/globals";
import { runCampaign } from "./campaign.ts";

// A longer one, by hand: node server/test/recovery/run-campaign.ts SEED RECONNECTS [FAULT...]
test("no client sees a message twice or out of order when connections are cut and gateways are replaced", async () => {
  const { faults, fresh, recoveries, judged } = await runCampaign({
    ...{ seed: 1, reconnects: 200 },
    faults: ["cut", "strand", "kill a gateway", "stop a gateway"],
  });
  expect(faults).toEqual([]);
  expect(fresh + recoveries).toBeGreaterThanOrEqual(200);
  expect(judged).toBeGreaterThan(1_000);
});
