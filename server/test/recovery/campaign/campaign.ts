import { setTimeout as sleep } from "node:timers/promises";
import type { Ports } from "../../../../testkit/gateway/gateway-settings.ts";
import { until } from "../../../../testkit/until.ts";
import type { History, Judgement, Outage, Publication } from "../../../../testkit/recovery/history.ts";
import { excerptsOf, summaryOf } from "../../../../testkit/recovery/judgement-report.ts";
import { judge } from "../../../../testkit/recovery/judge.ts";
import { Crowd } from "./crowd.ts";
import { faultOf, type FaultName, type Scene } from "./faults.ts";
import { GATEWAYS, type Fleet } from "./fleet.ts";
import { Publisher } from "./publisher.ts";
import { generator, pick } from "../../../../testkit/random.ts";
import type { Ticks } from "../../../../testkit/recovery/recording-client.ts";

export interface CampaignOptions {
  seed: number;
  /** The campaign ends when clients were recovered this many times. */
  recoveries: number;
  /** The faults to choose from. The campaign injects one after another, in random order. */
  faults: readonly FaultName[];
  clients?: number;
  rooms?: number;
  /** Called after each fault, when all gateways and clients work again. */
  onFault?: (name: FaultName, recoveries: number) => void;
}

export interface CampaignResult extends Judgement {
  seed: number;
  history: History;
  faultsDone: Partial<Record<FaultName, number>>;
}

interface Notes {
  publications: Publication[];
  outages: Outage[];
  ticks: Ticks;
  faultsDone: CampaignResult["faultsDone"];
}

const PUBLISH_EVERY_MS = 25;
const ACT_EVERY_MS = 15;
const ARRIVE_MS = 20_000;

/** Injects faults into a group of gateways while clients send messages. Then checks what every client received. */
export async function runCampaign(fleet: Fleet, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, clients = 60, rooms = 20 } = options;
  const random = generator(seed);
  let tick = 0;
  const notes: Notes = { publications: [], outages: [], ticks: () => ++tick, faultsDone: {} };
  const { publications, outages, ticks, faultsDone } = notes;
  const crowd = await Crowd.gather(fleet, { name: `s${seed}`, clients, rooms, ticks, random, publications });
  const publishers = Array.from({ length: GATEWAYS }, (_, index) => {
    const gateway = (): Ports | undefined => fleet.gateways[index];
    const of = { name: `s${seed}-p${index}`, rooms: crowd.rooms, everyMs: PUBLISH_EVERY_MS };
    return new Publisher({ ...of, ticks, random, publications, gateway });
  });
  try {
    const working = [...publishers.map((publisher) => publisher.run()), crowd.act(ACT_EVERY_MS)];
    while (crowd.recoveries < options.recoveries) {
      const name = pick(options.faults, random);
      await inflict(name, { fleet, crowd, random }, notes);
      options.onFault?.(name, crowd.recoveries);
    }
    for (const publisher of publishers) publisher.stop();
    crowd.rest();
    await Promise.all(working);
    const history = (): History => ({
      ...{ publications, outages },
      clients: new Map(crowd.clients.map((client) => [client.name, client.observations])),
    });
    // Wait for missing messages, which may still arrive. Faults of other kinds do not go away.
    const isComplete = async (): Promise<boolean> => judge(history()).faults.every(({ kind }) => kind !== "lost");
    await until("what is due to arrive", isComplete, ARRIVE_MS, 1_000).catch(() => undefined);
    return { ...judge(history()), seed, history: history(), faultsDone };
  } finally {
    for (const publisher of publishers) publisher.stop();
    crowd.close();
  }
}

/** Injects one fault. Resolves when all gateways work again and all clients are in their rooms. */
async function inflict(name: FaultName, scene: Scene, { publications, outages, ticks, faultsDone }: Notes) {
  const { fleet, crowd, random } = scene;
  const { isOutage = false, disconnects = false, inflict: doIt } = faultOf(name);
  faultsDone[name] = (faultsDone[name] ?? 0) + 1;
  const outage: Outage = { from: ticks(), to: Infinity };
  if (isOutage) outages.push(outage);
  const isAccompanied = !disconnects || random() < 0.3;
  const cutting = isAccompanied ? sleep(random() * 1_500).then(() => crowd.cutSome()) : undefined;
  await doIt(scene);
  await cutting;
  await fleet.untilWhole();
  await crowd.untilSettled();
  // A gateway may have died after it had acknowledged messages that Redis had not stored yet. These may be lost.
  if (disconnects) forgetUnstored(publications, outage.from);
  outage.to = ticks();
}

function forgetUnstored(publications: readonly Publication[], since: number): void {
  for (const publication of publications)
    if (publication.sentAt > since && publication.outcome === "delivered") publication.outcome = "unknown";
}

/** One line with the result of a campaign. */
export function summary(result: CampaignResult): string {
  return `seed ${result.seed}: ${summaryOf(result, result.history)}; ${JSON.stringify(result.faultsDone)}`;
}

/** The summary, and what clients received shortly before and after the first faults that were found. */
export function report(result: CampaignResult): string {
  return [summary(result), excerptsOf(result, result.history)].join("\n");
}
