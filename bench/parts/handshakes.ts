import type { Bench } from "../bench.ts";
import { openCrowd } from "../load/crowd.ts";
import { connect } from "../load/connect.ts";
import { readBuffer, type LightClient } from "../load/light-client.ts";
import { startableKinds } from "../peers/startable-kinds.ts";
import type { RemoteRig } from "../rigs/start.ts";
import { rotated } from "../measure/rotated.ts";
import { medians } from "../measure/rounds.ts";
import { median, type PartResult } from "../measure/result.ts";

const HANDSHAKES = 500;
const AT_ONCE = 32;
const USERS = 300;
const ROUNDS = 15;

/**
 * How many handshakes each server does per second of its CPU time. A handshake is the WebSocket upgrade, Engine.IO's
 * open packet, CONNECT with a token, its answer, and the end of the connection.
 */
export async function handshakes(bench: Bench): Promise<PartResult> {
  const kinds = ["net", "http+ws", "bare", "fanout", "gateway"];
  const rigs = await Promise.all(kinds.map((kind) => bench.rig(kind)));
  const tokens = await userTokens(bench);
  const figures = await medians(
    rigs,
    ROUNDS,
    ({ kind }) => kind,
    async (rig) => {
      const before = await rig.usage();
      await comeAndGo(rig, tokens, HANDSHAKES);
      const after = await rig.usage();
      return HANDSHAKES / ((after.cpuMicros - before.cpuMicros) / 1e6);
    },
  );
  for (const rig of rigs) await bench.stop(rig);
  return {
    title: "Handshakes with a token, and the close",
    unit: "handshakes per server CPU-second",
    better: "more",
    rows: [{ work: `${USERS} users come and go`, inFlight: String(AT_ONCE), figures }],
  };
}

export function userTokens(bench: Bench): Promise<string[]> {
  return tokensOf(bench, "user", USERS);
}

function tokensOf(bench: Bench, name: string, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => bench.token(`${name}-${index}`)));
}

const FIRST = 1_000;
const NEWCOMERS = 5_000;
const NEWCOMERS_AT_ONCE = 100;
const PROCESSES = 3;

/**
 * Handshakes of a new process, as after a crash or in a rollout. The clients have tokens that the process has not seen
 * before, and they stay connected.
 */
export async function newcomers(bench: Bench): Promise<PartResult> {
  const kinds = await startableKinds(["bare", "gateway", "centrifugo"]);
  const figures = new Map(kinds.map((kind): [string, number[]] => [kind, []]));
  for (let round = 0; round < PROCESSES; round += 1) {
    for (const kind of rotated([...figures.keys()], round)) {
      const rig = await bench.rig(kind);
      figures.get(kind)!.push(await comeAndStay(bench, rig));
      await bench.stop(rig);
    }
  }
  return {
    title: "Handshakes of a new process: clients come and stay",
    unit: "handshakes per server CPU-second",
    better: "more",
    rows: [
      {
        work: `${NEWCOMERS.toLocaleString("en")} different users`,
        inFlight: String(NEWCOMERS_AT_ONCE),
        figures: Object.fromEntries([...figures].map(([kind, values]) => [kind, median(values)])),
      },
    ],
    footnote: `Each of ${PROCESSES} processes has served ${FIRST.toLocaleString("en")} other users before and stays connected to them. Their handshakes are not counted.`,
  };
}

/**
 * How many handshakes a new server does per second of its CPU time, while other clients are connected. All clients
 * stay.
 */
export async function comeAndStay(bench: Bench, rig: RemoteRig, beforeMeasured?: () => void): Promise<number> {
  const buffer = readBuffer();
  const open = async (tokens: readonly string[]): Promise<LightClient[]> => {
    const clients = await openCrowd(tokens.length, NEWCOMERS_AT_ONCE, (index) => connect(rig, tokens[index]!, buffer));
    await rig.idle();
    return clients;
  };
  const clients = await open(await tokensOf(bench, "first", FIRST));
  const tokens = await tokensOf(bench, "newcomer", NEWCOMERS);
  beforeMeasured?.();
  const before = await rig.usage();
  clients.push(...(await open(tokens)));
  const after = await rig.usage();
  for (const { socket } of clients) socket.destroy();
  return NEWCOMERS / ((after.cpuMicros - before.cpuMicros) / 1e6);
}

/** Connects and disconnects `count` clients. Resolves when the server has finished its work for all of them. */
export async function comeAndGo(rig: RemoteRig, tokens: readonly string[], count: number): Promise<void> {
  const buffer = readBuffer();
  await openCrowd(count, AT_ONCE, async (index) => {
    const client = await connect(rig, tokens[index % tokens.length]!, buffer);
    client.socket.destroy();
    return client;
  });
  await rig.idle();
}
