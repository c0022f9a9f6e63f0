import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { report, runCampaign, summary, type CampaignOptions } from "./campaign.ts";
import { faultNames, faultOf, type FaultName } from "./faults.ts";
import { Fleet } from "./fleet.ts";

// For a longer run set RECOVERIES=100000 SEED=7. To run one campaign with chosen faults, use run-campaign.ts. Some
// faults of Redis still fail: see "Known limits" in docs/adr/0012-recovery.md.
const RECOVERIES = Number(process.env["RECOVERIES"] ?? 2_000);
const SEED = Number(process.env["SEED"] ?? 1);
const REDIS_RECOVERIES = 60;
/**
 * The faults of connections and gateways, without "pause a gateway". If a client returns to a gateway that was paused
 * for a second, the gateway does not recover it (result `unsettled`), because it has not received the newest messages.
 */
const moves = faultNames.filter((name) => faultOf(name).isOutage !== true && name !== "pause a gateway");
/** Choose these faults more often: they take little time, and each of them lets many clients be recovered. */
const MORE_CUTS: readonly FaultName[] = [
  ...Array<FaultName>(8).fill("cut"),
  ...Array<FaultName>(4).fill("network change"),
];
const MINUTES = 60_000;

let fleet: Fleet | undefined;
let recovered = 0;
let judged = 0;

beforeAll(async () => {
  fleet = await Fleet.start({ RECOVERY_WINDOW_SECONDS: "120", PRESENCE_GRACE_SECONDS: "60" });
}, 2 * MINUTES);

afterAll(async () => {
  process.stdout.write(`in all ${recovered} recoveries and ${judged} messages judged\n`);
  await fleet?.close();
});

async function expectNoFault(options: CampaignOptions): Promise<void> {
  const result = await runCampaign(fleet!, options);
  recovered += result.recoveries;
  judged += result.judged;
  process.stdout.write(`${summary(result)}\n`);
  expect(result.faults.length === 0 ? "" : report(result)).toBe("");
  expect(result.recoveries).toBeGreaterThanOrEqual(options.recoveries);
  expect(result.judged).toBeGreaterThan(result.recoveries);
}

test(
  "no client loses, doubles or disorders a message, flickers or begins again when connections and gateways fail",
  () =>
    expectNoFault({
      ...{ seed: 100 * SEED + 99, faults: [...moves, ...MORE_CUTS], clients: 200, rooms: 50 },
      recoveries: RECOVERIES,
    }),
  30 * MINUTES,
);

test.each<[FaultName, number]>([
  ["restart Redis", 11],
  ["restart Redis empty", 12],
])(
  "no client loses, doubles or disorders a message when the fault is: %s",
  (name, index) =>
    expectNoFault({
      ...{ seed: 100 * SEED + index, faults: [name], clients: 60, rooms: 20 },
      recoveries: REDIS_RECOVERIES,
    }),
  10 * MINUTES,
);
