// A program that runs one campaign: node server/test/recovery/campaign/run-campaign.ts SEED RECOVERIES [FAULT...]
import { inspect } from "node:util";
import { report, runCampaign } from "./campaign.ts";
import { faultNames, type FaultName } from "./faults.ts";
import { Fleet } from "./fleet.ts";

const LOG_LINES = 20;

const [seed = "1", recoveries = "1000", ...named] = process.argv.slice(2);
const unknown = named.filter((name) => !faultNames.includes(name as FaultName));
if (unknown.length > 0) {
  process.stderr.write(`${unknown.join(", ")}: no such fault; the faults are ${faultNames.join(", ")}\n`);
  process.exit(2);
}
const faults = named.length > 0 ? (named as FaultName[]) : faultNames;
const fleet = await Fleet.start({ RECOVERY_WINDOW_SECONDS: "120", PRESENCE_GRACE_SECONDS: "60" });
const clients = Number(process.env["CLIENTS"] ?? 60);
const began = performance.now();
const result = await runCampaign(fleet, {
  ...{ seed: Number(seed), recoveries: Number(recoveries), faults, clients },
  onFault(name, recovered) {
    process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(1)} s: ${name}, ${recovered} recoveries\n`);
  },
}).catch(async (error: unknown) => {
  process.stderr.write(`seed ${seed}: ${inspect(error)}\n`);
  for (const gateway of fleet.gateways)
    process.stderr.write(`${JSON.stringify(gateway?.log().slice(-LOG_LINES), null, 1)}\n`);
  await fleet.close();
  process.exit(3);
});
process.stdout.write(`${report(result)}\n`);
await fleet.close();
process.exit(result.faults.length > 0 ? 1 : 0);
