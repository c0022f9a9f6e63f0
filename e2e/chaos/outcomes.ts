import type { Fleet } from "../../testkit/cluster/fleet.ts";
import type { Crowd } from "../../testkit/recovery/crowd.ts";
import { judge } from "../../testkit/recovery/judge.ts";
import { excerptsOf } from "../../testkit/recovery/judgement-report.ts";
import type { Outcome } from "./chaos-result.ts";
import type { ChaosFault } from "./faults.ts";
import { operatorSilence, operatorWrites } from "./operator-writes.ts";
import { recoveriesOf } from "./samples.ts";

const SILENT_WITHIN_MS = 60_000;

/** Runs faults one after another, and says what each did to the crowd. */
export class Outcomes {
  readonly #fleet: Fleet;
  readonly #crowd: Crowd;
  /** What the judge has found after earlier faults. It judges the whole history each time. */
  readonly #known = new Set<string>();

  constructor(fleet: Fleet, crowd: Crowd) {
    this.#fleet = fleet;
    this.#crowd = crowd;
  }

  readonly #silence = () => operatorSilence(this.#fleet, SILENT_WITHIN_MS);

  /** `isSilent` resolves to the seconds until the operator has written its last object. */
  async of(fault: ChaosFault, isSilent: () => Promise<number | undefined> = this.#silence): Promise<Outcome> {
    const [fleet, crowd] = [this.#fleet, this.#crowd];
    crowd.takeLongestSilenceMs();
    const [before, writesBefore, beganMs] = [crowd.totals, await operatorWrites(fleet), Date.now()];
    const run = () => fault.run(fleet);
    await (fault.breaks === "redis" ? crowd.outage(run) : run());
    await crowd.settled();
    const endedMs = Date.now();
    const longestSilenceMs = crowd.takeLongestSilenceMs();
    const silentAfterSeconds = await isSilent();
    const writes = await operatorWrites(fleet);
    const history = await crowd.history();
    const judgement = judge(history);
    // A member that is away for longer than the grace period has left for the others, which is right here.
    const found = judgement.faults.filter(({ kind }) => kind !== "flicker");
    const news = found.filter((one) => !this.#known.has(JSON.stringify(one)));
    for (const one of news) this.#known.add(JSON.stringify(one));
    if (news.length > 0) process.stdout.write(`${excerptsOf({ ...judgement, faults: news.slice(0, 2) }, history)}\n`);
    const count = (kind: string) => news.filter((one) => one.kind === kind).length;
    const after = crowd.totals;
    const unrecovered = after.unrecovered - before.unrecovered;
    if (unrecovered > 0) process.stdout.write(`${(await recoveriesOf(fleet)).join("\n")}\n`);
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
}
