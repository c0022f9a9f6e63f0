// Tests what the operator needs from the private port of a gateway. The same tests run on the fake of the unit tests
// and on a real gateway.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { GatewayAnswer } from "../../src/gateways/gateway-answer.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { liveConfig, liveConfigHash, type LiveConfig } from "../../src/manifests/shared/live-config.ts";
import type { GatewayPods } from "../../src/gateways/gateway-pods.ts";
import { clusterWith, podWith } from "./build.ts";
import { OTHER_TOKEN } from "./fake-gateways.ts";
import { templateVersions } from "../../src/manifests/shared/pod-release.ts";

export interface GatewaySide {
  gateways: GatewayPods;
  token: string;
  /** `pod` has the address of a gateway, and `deaf` has an address where nothing answers. */
  pod: KubeObject;
  deaf: KubeObject;
  /** What the gateway knows of its whole cluster. The fake knows nothing of it, like a gateway without its ledger. */
  ofCluster: Pick<GatewayAnswer, "clusterConnections">;
  stop(): Promise<void>;
}

/** A pod that has this address. */
export function podAt(name: string, podIP: string): KubeObject {
  return podWith(name, { status: { podIP } });
}

export function gatewayPodsContract(title: string, start: () => Promise<GatewaySide>): void {
  describe(`the private port of ${title}`, () => {
    let side: GatewaySide;
    beforeAll(async () => {
      side = await start();
    }, 30_000);
    afterAll(() => side.stop());

    const config = (generation: number, maxRoomsPerUser: number): LiveConfig =>
      liveConfig(
        clusterWith({ limits: { maxRoomsPerUser }, origins: ["https://app.example.com"] }),
        generation,
        templateVersions.gateway.newest,
      );
    const configure = (generation: number, rooms: number) =>
      side.gateways.pushConfig(side.pod, side.token, config(generation, rooms));

    test("applies a configuration and answers with its hash, number and the pod's figures", async () => {
      expect(await configure(5, 7)).toEqual({
        askedAtMs: expect.any(Number) as unknown,
        hash: liveConfigHash(config(5, 7)),
        generation: 5,
        connections: 0,
        ...side.ofCluster,
        isDraining: false,
        recovery: { windowSeconds: 120, promisedSeconds: 120 },
      });
    });

    test("ignores an older configuration and answers with the one in force", async () => {
      await configure(9, 8);
      expect(await configure(6, 7)).toMatchObject({ hash: liveConfigHash(config(9, 8)), generation: 9 });
    });

    test("applies another configuration with the same number", async () => {
      await configure(11, 8);
      expect(await configure(11, 9)).toMatchObject({ hash: liveConfigHash(config(11, 9)), generation: 11 });
    });

    test("reports the configuration in force when the gateway refuses the token", async () => {
      await configure(12, 7);
      expect(await side.gateways.pushConfig(side.pod, OTHER_TOKEN, config(13, 7))).toMatchObject({
        problem: expect.stringContaining("/config answered 401") as unknown,
        hash: liveConfigHash(config(12, 7)),
        generation: 12,
        connections: 0,
      });
    });

    test("reports the configuration in force when only the health is read", async () => {
      await configure(12, 7);
      expect(await side.gateways.readHealth(side.pod, { askedAtMs: 0, hash: "old", generation: 1 })).toMatchObject({
        hash: liveConfigHash(config(12, 7)),
        generation: 12,
      });
    });

    test("readHealth keeps the known fields and updates the figures", async () => {
      const before = await configure(12, 8);
      expect(await side.gateways.readHealth(side.pod, { ...before, connections: 99, problem: "was silent" })).toEqual({
        ...before,
        askedAtMs: expect.any(Number) as unknown,
        connections: 0,
        ...side.ofCluster,
      });
    });

    test("forgets a problem that has passed", async () => {
      const { hash, generation } = await configure(12, 8);
      expect(
        await side.gateways.readHealth(side.pod, {
          askedAtMs: 0,
          bus: { phase: "down" },
          inexact: { reason: "error", limits: [] },
          unready: "not listening yet",
          unlistedProxy: "cloudflare",
          handlers: [{ handler: "orders", isAway: true }],
          issuers: [{ issuer: "https://id.example.com", keys: "none" }],
        }),
      ).toEqual({
        askedAtMs: expect.any(Number) as unknown,
        connections: 0,
        ...side.ofCluster,
        isDraining: false,
        recovery: { windowSeconds: 120, promisedSeconds: 120 },
        hash,
        generation,
      });
    });

    test("moves connections, and says why when the pod does not answer", async () => {
      const command = { path: "/shed", connections: 1 } as const;
      expect(await side.gateways.shed(side.pod, side.token, command)).toBeUndefined();
      expect(await side.gateways.shed(side.deaf, side.token, command)).toMatch(/\w/);
    });

    test("answers with a reason and keeps the known fields when the pod does not answer", async () => {
      const known = { askedAtMs: 0, hash: "h", generation: 1, connections: 5, bus: { phase: "down" as const } };
      expect(await side.gateways.readHealth(side.deaf, known)).toMatchObject({
        ...known,
        askedAtMs: expect.any(Number) as unknown,
        problem: expect.stringMatching(/\w/) as unknown,
      });
      expect(await side.gateways.pushConfig(side.deaf, side.token, config(1, 1))).toMatchObject({
        problem: expect.stringMatching(/\w/) as unknown,
      });
    });
  });
}
