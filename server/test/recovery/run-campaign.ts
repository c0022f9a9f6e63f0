// A longer campaign by hand: node server/test/recovery/run-campaign.ts SEED RECONNECTS [FAULT...]
import { faults, runCampaign, summary, type FaultName } from "./campaign.ts";

const [seed = "1", reconnects = "1000", ...named] = process.argv.slice(2);
const unknown = named.filter((name) => !faults.includes(name as FaultName));
if (unknown.length > 0) {
  process.stderr.write(`${unknown.join(", ")}: no such fault; the faults are ${faults.join(", ")}\n`);
  process.exit(2);
}
const chosen = named.length > 0 ? (named as FaultName[]) : faults;
const env = { RECOVERY_WINDOW_SECONDS: "120" };
const result = await runCampaign({ seed: Number(seed), reconnects: Number(reconnects), faults: chosen, env });
process.stdout.write(`seed ${seed}: ${summary(result)}\n`);
for (const fault of result.faults.slice(0, 20)) process.stdout.write(`${JSON.stringify(fault)}\n`);
process.exit(result.faults.length > 0 ? 1 : 0);
