import { setTimeout as sleep } from "node:timers/promises";
import { signToken } from "../../testkit/sign-token.ts";
import type { Bench } from "../bench.ts";
import { attacks as all, type Attack } from "../faults/attacks.ts";
import { SECRET, end, startService, type Service } from "../faults/service.ts";
import { openCrowd } from "../load/crowd.ts";
import { LightClient, readBuffer } from "../load/light-client.ts";
import type { PartResult, Row } from "../measure/result.ts";

const SECONDS = Number(process.env["ATTACK_SECONDS"] ?? 20);
const LOOK_MS = 100;
const HONEST = 300;
/** The default limits, without a limit per IP address: a serious attacker has many addresses. */
const env = { WS_MAX_CONNECTIONS_PER_ADDRESS: "10000000" };

const peers: Record<string, { kind: string; env: Record<string, string>; meets?: Attack["layer"] }> = {
  // The version of ws that engine.io depends on.
  bare: { kind: "bare", env: { WS: "8.21" } },
  "bare, ws 8.23": { kind: "bare", env: {}, meets: "WebSocket" },
  gateway: { kind: "gateway", env },
};

/**
 * For each kind of attack, measures by how much the server's memory grows at most. Each attack meets a new server that
 * has already served normal clients.
 */
export async function attacks(_bench: Bench): Promise<PartResult> {
  const rows: Row[] = [];
  const ended: Row = { work: "servers that crashed under an attack", inFlight: "-", figures: {} };
  for (const [peer, { meets }] of Object.entries(peers)) if (meets === undefined) ended.figures[peer] = 0;
  const chosen = all.filter(({ name }) => name.includes(process.env["ATTACK"] ?? ""));
  for (const attack of chosen) {
    const row: Row = { work: `${attack.name}: growth of RSS, MiB`, inFlight: "1", figures: {} };
    for (const [peer, { kind, env, meets }] of Object.entries(peers)) {
      if (meets !== undefined && meets !== attack.layer) continue;
      const growth = await growthUnder(attack, kind, env);
      if (growth === "ended") ended.figures[peer] = (ended.figures[peer] ?? 0) + 1;
      else row.figures[peer] = growth / 2 ** 20;
    }
    rows.push(row);
  }
  return {
    title: `Attacks, each for ${SECONDS} s`,
    unit: "the unit is in each row",
    better: "less",
    rows: [...rows, ended],
  };
}

async function growthUnder(attack: Attack, kind: string, env: Record<string, string>): Promise<number | "ended"> {
  const service = await startService(kind, env);
  let hasEnded = false;
  void service.ended.then(() => (hasEnded = true));
  try {
    await serveHonestClients(service);
    const before = service.rssBytes();
    const endsAtMs = performance.now() + SECONDS * 1_000;
    const isOver = (): boolean => hasEnded || performance.now() >= endsAtMs;
    const attacking = attack.run(service, isOver);
    let most = before;
    while (!isOver()) {
      most = Math.max(most, service.rssBytes() || 0);
      await sleep(LOOK_MS);
    }
    await attacking;
    return hasEnded ? "ended" : most - before;
  } finally {
    await end(service);
  }
}

/**
 * Lets normal clients connect before the attack. They fill the server's caches and pools and make V8 compile code, so
 * this memory does not count as growth in the attack.
 */
async function serveHonestClients(service: Service): Promise<void> {
  const buffer = readBuffer();
  const { port, namespace } = service;
  const clients = await openCrowd(HONEST, 20, async (index) => {
    const token = await signToken(SECRET, { sub: `honest-${index}`, rooms: ["*"] });
    const client = await LightClient.open({ port, namespace, token }, buffer);
    const [prefix, event] = namespace === "/" ? ["42", "enter"] : [`42${namespace},`, "join_room"];
    client.send(`${prefix}["${event}",{"room":"room-${index}"}]`);
    for (let count = 0; count < 20; count += 1)
      client.send(`${prefix}["send_message",{"room":"room-${index}","message":"${"x".repeat(1_000)}"}]`);
    return client;
  });
  await sleep(1_000);
  for (const client of clients) client.socket.destroy();
  await sleep(500);
}
