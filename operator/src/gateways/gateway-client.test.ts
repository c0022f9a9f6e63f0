import { expect, test } from "@jest/globals";
import { liveConfig, liveConfigHash, type LiveConfig } from "../manifests/shared/live-config.ts";
import { templateVersions } from "../manifests/shared/pod-release.ts";
import { clusterWith, podWith } from "../../test/reconcile/build.ts";
import { gatewayClient } from "./gateway-client.ts";

test("configures a gateway from before spec.recovery with the fields that it knows", async () => {
  const config = liveConfig(clusterWith(), 3, templateVersions.gateway.newest);
  const bodies: object[] = [];
  const client = gatewayClient(async (_pod, { body = {} }) => {
    bodies.push(body);
    if ("recovery" in body)
      return { status: 400, text: '{"message":"recovery is not a field of the live configuration"}' };
    return { status: 200, text: JSON.stringify({ generation: 3, hash: liveConfigHash(body as LiveConfig) }) };
  });
  expect(await client.putConfig(podWith("a"), "token", config)).toEqual({
    generation: 3,
    hash: liveConfigHash(config),
  });
  const { recovery, ...known } = config;
  expect(recovery).toEqual({ windowSeconds: 120, presenceGraceSeconds: 15 });
  expect(bodies).toEqual([config, known]);
});
