import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { openCrowd } from "../load/crowd.ts";
import { LightClient, readBuffer } from "../load/light-client.ts";
import { namespaceOf } from "../rigs/payload.ts";
import type { RemoteRig } from "../rigs/start.ts";
import type { PartResult, Row } from "../measure/result.ts";

const CLIENTS = 2_000;
const ROOMS = 20;
const MISSED = 100;
const BYTES = 100;
const WITHIN_MS = 60_000;
const KIND = "gateway+redis+recovery";
const OFFSET = /"([a-z0-9.]+)"\]$/;

/** A client's room, and what a stock client stores to return to its session: token, pid and offset. */
interface Member {
  room: string;
  token: string;
  auth: { pid: string; offset: string };
  isRecovered: boolean;
  missed: number;
}

interface Return {
  seconds: number;
  cpuSeconds: number;
  longestStallMs: number;
  recovered: number;
}

const buffer = readBuffer();

/**
 * Kills a gateway that has many clients. All of them return to another gateway at once, which sends them the messages
 * that they missed.
 */
export async function recoveryCrowd(bench: Bench): Promise<PartResult> {
  const { seconds, longestStallMs, cpuSeconds, recovered } = await crowdReturns(bench);
  const row = (work: string, wanted: number | undefined, figure: number): Row => ({
    ...{ work, inFlight: CLIENTS.toLocaleString("en") },
    figures: { ...(wanted === undefined ? {} : { wanted }), [KIND]: figure },
  });
  return {
    title: `${CLIENTS.toLocaleString("en")} clients return at once after kill -9 of their gateway; each missed ${MISSED} messages`,
    unit: "the unit is in each row",
    better: "less",
    rows: [
      row("seconds until all have what they missed", 5, seconds),
      row("longest stall of the event loop, ms", 100, longestStallMs),
      row("CPU-seconds of the gateway", undefined, cpuSeconds),
      row("clients that were not recovered", 0, CLIENTS - recovered),
    ],
    footnote: `All return to one gateway on one core, with their tokens. They are in ${ROOMS} rooms; a message has ${BYTES} bytes.`,
  };
}

async function crowdReturns(bench: Bench): Promise<Return> {
  const [first, second] = [await bench.rig(KIND), await bench.rig(KIND)];
  const members = await crowd(bench, first);
  await bench.kill(first);
  for (let room = 0; room < ROOMS; room += 1) {
    const burst = { room: `room-${room}`, bytes: BYTES, perTurn: 10, turns: MISSED / 10, window: MISSED };
    second.send({ do: "burst", ...burst });
    await second.reply("sent");
  }
  await second.idle();
  const before = await second.usage("collecting");
  const start = performance.now();
  const clients = members.map((member) => comeBack(second, member));
  const isDone = (member: Member): boolean => member.isRecovered && member.missed >= MISSED;
  while (!members.every(isDone) && performance.now() - start < WITHIN_MS) await sleep(5);
  const seconds = (performance.now() - start) / 1_000;
  const after = await second.usage();
  for (const client of await Promise.all(clients)) client.socket.destroy();
  await bench.stop(second);
  return {
    ...{ seconds, longestStallMs: after.longestStallMs, recovered: members.filter(isDone).length },
    cpuSeconds: (after.cpuMicros - before.cpuMicros) / 1e6,
  };
}

async function crowd(bench: Bench, rig: RemoteRig): Promise<Member[]> {
  const members: Member[] = [];
  await openCrowd(CLIENTS, 50, async (index) => {
    const room = `room-${index % ROOMS}`;
    const token = await bench.token(`user-${index}`);
    const member: Member = { room, token, auth: { pid: "", offset: "" }, isRecovered: false, missed: 0 };
    members.push(member);
    const client = await open(rig, member);
    client.send(`42/messaging,["subscribe:case",{"caseId":"${room}"}]`);
    return client;
  });
  for (let room = 0; room < ROOMS; room += 1) await rig.hasMembers(`room-${room}`, CLIENTS / ROOMS);
  return members;
}

function open({ port, kind }: RemoteRig, member: Member, auth?: Member["auth"]): Promise<LightClient> {
  const onPacket = (packet: string): void => {
    const pid = /"pid":"([^"]+)"/.exec(packet)?.[1];
    if (packet.startsWith("40") && pid !== undefined) {
      member.isRecovered = pid === member.auth.pid;
      member.auth.pid = pid;
    }
    member.auth.offset = OFFSET.exec(packet)?.[1] ?? member.auth.offset;
    if (packet.startsWith('42/messaging,["m"')) member.missed += 1;
  };
  const options = { port, namespace: namespaceOf(kind), token: member.token, onPacket };
  return LightClient.open({ ...options, ...(auth === undefined ? {} : { auth }) }, buffer);
}

/** Connects a returning client. While the gateway refuses it, tries again, as a stock client does. */
async function comeBack(rig: RemoteRig, member: Member): Promise<LightClient> {
  for (;;) {
    try {
      return await open(rig, member, { ...member.auth });
    } catch {
      await sleep(1_000 * (0.5 + Math.random()));
    }
  }
}
