import { expect, test } from "@jest/globals";
import { faults as allFaults, runCampaign } from "./campaign.ts";

// A longer one, by hand: node server/test/recovery/run-campaign.ts SEED RECONNECTS [FAULT...]
test("no client loses, doubles or disorders a message when it is recovered, whatever fails", async () => {
  const env = { RECOVERY_WINDOW_SECONDS: "120" };
  const { faults, recoveries, judged } = await runCampaign({ ...{ seed: 7, reconnects: 300, env }, faults: allFaults });
  expect(faults).toEqual([]);
  expect(recoveries).toBeGreaterThan(100);
  expect(judged).toBeGreaterThan(5_000);
}, 240_000);
