import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { shipped } from "../../../testkit/gateway/shipped-gateway.ts";
import { startGatewayProcess, type GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { connectClient, type TestClient } from "../../../testkit/gateway/gateway-client.ts";

/** The gateway's memory may be larger by this much after an attack. */
const MAX_GROWTH_BYTES = 32 * 2 ** 20;
const SETTLE_MS = 10_000;

/** A gateway that a test attacks. It must keep serving another client, the bystander, all the time. */
export interface Victim {
  gateway: () => GatewayProcess;
  /**
   * Attacks the gateway repeatedly. The first runs fill its caches and pools, and make V8 compile code. The last run
   * must not add memory. After each run, the bystander must get an answer.
   */
  withstands: (attack: () => Promise<void>, warmUps?: number) => Promise<void>;
}

/**
 * Starts the gateway before each test. `env` is its environment variables, or a function that makes them for each test.
 */
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
