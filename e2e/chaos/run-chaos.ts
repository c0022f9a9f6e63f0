// `make chaos`: breaks one thing after another on the cluster of `make up`, while a crowd of stock clients sends
// messages. Prints what each fault did, and fails when clients have lost something.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { startFleet } from "../../testkit/cluster/fleet.ts";
import { generator } from "../../testkit/random.ts";
import { Crowd } from "../../testkit/recovery/crowd.ts";
import type { ChaosResult, Outcome } from "./chaos-result.ts";
import { chaosFaults, type ChaosFault } from "./faults.ts";
import { Outcomes } from "./outcomes.ts";
import { Samples } from "./samples.ts";

const OUT = process.env["CHAOS_OUT"] ?? "chaos.json";
const seed = Number(process.env["SEED"] ?? 1);
const options = {
  clients: Number(process.env["CLIENTS"] ?? 300),
  messagesPerSecond: Number(process.env["MESSAGES_PER_SECOND"] ?? 50),
  clientsOfARoom: 50,
};
const wanted = process.env["FAULTS"]?.split(",");

/** The faults in an order that the seed decides. */
function ordered(faults: readonly ChaosFault[]): ChaosFault[] {
  const random = generator(seed);
  return faults
    .map((fault) => ({ fault, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

function lineOf(outcome: Outcome): string {
  const { fault, seconds, moved, recovered, unrecovered, replayed, lost, doubled, longestSilenceMs } = outcome;
  return [
    fault.padEnd(22),
    ...[seconds, moved, recovered, unrecovered, replayed, lost, doubled].map((figure) => String(figure).padStart(11)),
    `${(longestSilenceMs / 1_000).toFixed(1)} s`.padStart(11),
    String(outcome.operatorWrites).padStart(11),
    `${outcome.silentAfterSeconds ?? ">60"} s`.padStart(11),
    outcome.problems.length === 0 ? "" : `  ${outcome.problems.join(", ")}`,
  ].join("");
}

/** Writes the figures up to now, so that an interrupted run leaves those of the faults that are over. */
function save(taken: Samples | undefined): void {
  result.samples = taken?.all ?? [];
  mkdirSync(dirname(OUT), { recursive: true });
  writeFileSync(OUT, `${JSON.stringify(result)}\n`);
}

const fleet = await startFleet("chaos", {
  ...{ replicas: 3, limits: { maxConnectionsPerAddress: 100_000 } },
  drain: { connectionsPerSecond: 40, timeoutSeconds: 60 },
});
const crowd = new Crowd(options);
const result: ChaosResult = { seed, ...options, outcomes: [], samples: [] };
let samples: Samples | undefined;
try {
  await crowd.connect(fleet);
  samples = new Samples(fleet, crowd);
  const usable = chaosFaults.filter(({ needs }) => needs === undefined || needs === fleet.state.cluster);
  const titles = ["seconds", "moved", "recovered", "unrecovered", "replayed", "lost", "doubled", "silence", "writes"];
  say(["fault".padEnd(22), ...[...titles, "op. silent"].map((title) => title.padStart(11))].join(""));
  const outcomes = new Outcomes(fleet, crowd);
  for (const fault of ordered(usable.filter(({ name }) => wanted?.includes(name) ?? true))) {
    const outcome = await outcomes.of(fault);
    result.outcomes.push(outcome);
    say(lineOf(outcome));
    save(samples);
  }
} finally {
  await samples?.stop();
  save(samples);
  await crowd.close();
  await fleet.remove();
}
process.exit(result.outcomes.some(({ problems }) => problems.length > 0) ? 1 : 0);
