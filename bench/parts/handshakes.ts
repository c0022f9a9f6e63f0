import type { Bench } from "../bench.ts";
import { openCrowd } from "../load/crowd.ts";
import { LightClient, readBuffer } from "../load/light-client.ts";
import { namespaceOf } from "../rigs/payload.ts";
import type { RemoteRig } from "../rigs/start.ts";
import type { PartResult } from "./result.ts";
import { medians } from "../measure/rounds.ts";

const HANDSHAKES = 500;
const AT_ONCE = 32;
const USERS = 300;
const ROUNDS = 15;

/**
 * One handshake is: WebSocket upgrade, Engine.IO open, CONNECT with a token, its answer, and the end of the connection.
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
  return Promise.all(Array.from({ length: USERS }, (_, index) => bench.token(`user-${index}`)));
}

/** Connects and disconnects this many clients. Resolves when the server has finished its work for them. */
export async function comeAndGo(rig: RemoteRig, tokens: readonly string[], count: number): Promise<void> {
  const buffer = readBuffer();
  await openCrowd(count, AT_ONCE, async (index) => {
    const client = await LightClient.open(
      { port: rig.port, namespace: namespaceOf(rig.kind), token: tokens[index % tokens.length]! },
      buffer,
    );
    client.socket.destroy();
    return client;
  });
  await rig.idle();
}
