// `make chaos`: breaks one thing after another on the cluster of `make up`, while a crowd of stock clients sends
// messages. Prints what each fault did, and fails when clients have lost something.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { startFleet, type Fleet } from "../../testkit/cluster/fleet.ts";
import { generator } from "../../testkit/random.ts";
import { Crowd } from "../../testkit/recovery/crowd.ts";
import { judge } from "../../testkit/recovery/judge.ts";
import { excerptsOf } from "../../testkit/recovery/judgement-report.ts";
import type { ChaosResult, Outcome } from "./chaos-result.ts";
import { chaosFaults, type ChaosFault } from "./faults.ts";
import { operatorSilence, operatorWrites } from "./operator-writes.ts";
import { Samples } from "./samples.ts";

const SILENT_WITHIN_MS = 60_000;
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

async function outcomeOf(fleet: Fleet, crowd: Crowd, fault: ChaosFault, known: Set<string>): Promise<Outcome> {
  crowd.takeLongestSilenceMs();
  const [before, writesBefore, beganMs] = [crowd.totals, await operatorWrites(fleet), Date.now()];
  const run = () => fault.run(fleet);
  await (fault.breaks === "redis" ? crowd.outage(run) : run());
  await crowd.settled();
  const endedMs = Date.now();
  const longestSilenceMs = crowd.takeLongestSilenceMs();
  const silentAfterSeconds = await operatorSilence(fleet, SILENT_WITHIN_MS);
  const writes = await operatorWrites(fleet);
  const history = await crowd.history();
  const judgement = judge(history);
  // A member that is away for longer than the grace period has left for the others, which is right here.
  const found = judgement.faults.filter(({ kind }) => kind !== "flicker");
  const news = found.filter((one) => !known.has(JSON.stringify(one)));
  for (const one of news) known.add(JSON.stringify(one));
  if (news.length > 0) say(excerptsOf({ ...judgement, faults: news.slice(0, 2) }, history));
  const count = (kind: string) => news.filter((one) => one.kind === kind).length;
  const after = crowd.totals;
  const unrecovered = after.unrecovered - before.unrecovered;
  const problems = [
    ...[...new Set(news.map(({ kind }) => kind))].map((kind) => `${count(kind)} ${kind}`),
    ...(fault.breaks === "nothing" && unrecovered > 0 ? [`${unrecovered} clients not recovered`] : []),
    ...(silentAfterSeconds === undefined ? ["the operator still writes after a minute"] : []),
  ];
  return {
    ...{ fault: fault.name, beganMs, endedMs, seconds: Math.round((endedMs - beganMs) / 1_000) },
    ...{ moved: after.disconnects - before.disconnects, recovered: after.recovered - before.recovered, unrecovered },
    ...{ replayed: after.replayed - before.replayed, lost: count("lost"), doubled: count("doubled") },
    // A restarted operator counts from zero.
    ...{ longestSilenceMs, operatorWrites: writes < writesBefore ? writes : writes - writesBefore },
    ...(silentAfterSeconds === undefined ? {} : { silentAfterSeconds }),
    problems,
  };
}

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
  const known = new Set<string>();
  for (const fault of ordered(usable.filter(({ name }) => wanted?.includes(name) ?? true))) {
    const outcome = await outcomeOf(fleet, crowd, fault, known);
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
