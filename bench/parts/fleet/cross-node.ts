import type { Bench } from "../../bench.ts";
import type { LightClient } from "../../load/light-client.ts";
import type { RemoteRig } from "../../rigs/start.ts";
import { startableKinds } from "../../peers/startable-kinds.ts";
import { measureFanout } from "../../measure/measure-fanout.ts";
import { cpuSecondsOf, writesOf } from "../../measure/process-usage.ts";
import { rotated } from "../../measure/rotated.ts";
import { median, type PartResult, type Row } from "../../measure/result.ts";

const MEMBERS = 1_000;
const ROUNDS = 5;

/**
 * `turns` is in how many turns of the event loop the publisher sends messages: the first number for bare Socket.IO, the
 * second for all others. The publisher is at most `window` turns ahead of the clients.
 */
const works = [
  { name: "1 per turn", perTurn: 1, window: 4, turns: [60, 200] },
  { name: "1 per turn, many in flight", perTurn: 1, window: 40, turns: [100, 1_000] },
  { name: "10 per turn", perTurn: 10, window: 4, turns: [6, 64] },
] as const;

interface Pair {
  publisher: RemoteRig;
  receiver: RemoteRig;
  clients: LightClient[];
}

/** The CPU seconds that each process used in one run. */
interface Cost {
  deliveries: number;
  publisher: number;
  receiver: number;
  redis: number;
  /** Number of write system calls of the receiving server. Nearly all of them write to clients. */
  writes: number;
}

/** Cost of messages that one node publishes and another node delivers: the CPU time of both nodes and of Redis. */
export async function crossNode(bench: Bench): Promise<PartResult> {
  const redis = await bench.redis();
  const pairs: Pair[] = [];
  for (const kind of await startableKinds(["bare+redis", "fanout+redis", "gateway+redis", "centrifugo+redis"])) {
    const [publisher, receiver] = [await bench.rig(kind), await bench.rig(kind)];
    pairs.push({ publisher, receiver, clients: await bench.crowd(receiver, MEMBERS, () => ["room"]) });
  }
  const rows: Row[] = [];
  const shares: string[] = [];
  for (const { name, perTurn, window, turns } of works) {
    const costs = new Map<string, Cost[]>(pairs.map(({ publisher }) => [publisher.kind, []]));
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const pair of rotated(pairs, round)) {
        const { kind } = pair.publisher;
        const burst = {
          room: "room",
          members: pair.clients,
          bytes: 100,
          perTurn,
          turns: round === 0 ? 5 : turns[kind.startsWith("bare") ? 0 : 1],
          window,
        };
        const cost = await costOf(pair, burst, redis.pid);
        if (round > 0) costs.get(kind)!.push(cost);
      }
    }
    const of = (figure: (cost: Cost) => number) =>
      [...costs].map(([kind, runs]) => [kind, median(runs.map(figure))] as const);
    const perWrite = of((cost) => cost.deliveries / cost.writes);
    const work = `${MEMBERS.toLocaleString("en")} members on another node, 100 B, ${name}`;
    rows.push({
      work,
      inFlight: String(window * perTurn),
      figures: Object.fromEntries(of((cost) => cost.deliveries / totalOf(cost))),
      notes: Object.fromEntries(
        perWrite.map(([kind, messages]) => [kind, `${messages.toFixed(1)} messages per write`]),
      ),
    });
    const percent = (figure: (cost: Cost) => number): string =>
      `${Math.round(median(costs.get("gateway+redis")!.map((cost) => figure(cost) / totalOf(cost))) * 100)} %`;
    shares.push(
      `${perTurn} per turn, ${window * perTurn} in flight: ${percent((cost) => cost.receiver)} the receiving node, ${percent((cost) => cost.publisher)} the publishing one, ${percent((cost) => cost.redis)} Redis; ` +
        `messages per write to a client ${perWrite.map(([kind, messages]) => `${messages.toFixed(1)} (${kind})`).join(", ")}.`,
    );
  }
  for (const { publisher, receiver } of pairs) {
    await bench.stop(publisher);
    await bench.stop(receiver);
  }
  const footnote = `Where gateway+redis uses its CPU time: ${shares.join(" ")}`;
  return {
    title: "Across nodes",
    unit: "deliveries per CPU-second of both nodes and Redis",
    better: "more",
    rows,
    footnote,
  };
}

async function costOf(
  { publisher, receiver }: Pair,
  burst: Parameters<typeof measureFanout>[1],
  redisPid: number,
): Promise<Cost> {
  const [redisBefore, receiverBefore, writesBefore] = [
    cpuSecondsOf(redisPid),
    (await receiver.usage()).cpuMicros,
    writesOf(receiver.pid),
  ];
  const { deliveries, cpuSeconds } = await measureFanout(publisher, burst, [receiver]);
  const ofReceiver = ((await receiver.usage()).cpuMicros - receiverBefore) / 1e6;
  return {
    deliveries,
    publisher: cpuSeconds - ofReceiver,
    receiver: ofReceiver,
    redis: cpuSecondsOf(redisPid) - redisBefore,
    writes: writesOf(receiver.pid) - writesBefore,
  };
}

const totalOf = ({ publisher, receiver, redis }: Cost): number => publisher + receiver + redis;
