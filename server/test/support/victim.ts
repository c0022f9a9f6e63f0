import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { shipped } from "../../../testkit/gateway/shipped-gateway.ts";
import { startGatewayProcess, type GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { connectClient, type TestClient } from "../../../testkit/gateway/gateway-client.ts";

/** Memory that a gateway may have gained after an attack. */
const MAX_GROWTH_BYTES = 32 * 2 ** 20;
const SETTLE_MS = 10_000;

/** A gateway under attack, and an honest client that the gateway must serve all the time. */
export interface Victim {
  gateway: () => GatewayProcess;
  /**
   * Repeats the attack: warm-up runs fill caches, pools and compiled code; the last run must not add memory.
   * The honest client must get an answer after each run.
   */
  withstands: (attack: () => Promise<void>, warmUps?: number) => Promise<void>;
}

/** `env`: settings of the gateway, or a function that makes them for each test. */
export function victim(env: Record<string, string> | (() => Promise<Record<string, string>>) = {}): Victim {
  let gateway: GatewayProcess;
  let bystander: TestClient;
  beforeEach(async () => {
    gateway = await startGatewayProcess(
      { ...shipped.env, WS_RATE_LIMIT_EVENTS_PER_MINUTE: "1000", ...(typeof env === "function" ? await env() : env) },
      shipped.flags,
    );
    await until("the gateway to be ready", async () => (await callApi(gateway, "/readyz")).status === 200, 30_000);
    bystander = await connectClient(gateway, { user: "bystander" });
    await bystander.ask("join_room", { room: "quiet" });
  });
  afterEach(async () => {
    bystander.close();
    gateway.kill("SIGKILL");
    await gateway.ended;
  });
  const isServed = async (): Promise<void> => {
    expect(await bystander.ask("send_message", { room: "quiet", message: "still there?" })).toMatchObject({
      success: true,
    });
    expect(bystander.disconnects).toEqual([]);
  };
  return {
    gateway: () => gateway,
    async withstands(attack, warmUps = 1) {
      for (let round = 0; round < warmUps; round += 1) {
        await attack();
        await isServed();
      }
      const before = rssOf(gateway.pid);
      await attack();
      await isServed();
      await until(
        `its memory, ${before} bytes before, to be no more than 32 MiB above that`,
        async () => rssOf(gateway.pid) - before < MAX_GROWTH_BYTES,
        SETTLE_MS,
      );
    },
  };
}

export function rssOf(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) * 1024;
}
