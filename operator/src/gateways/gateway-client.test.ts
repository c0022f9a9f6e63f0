import { expect, test } from "@jest/globals";
import { liveConfig, liveConfigHash, type LiveConfig } from "../manifests/shared/live-config.ts";
import { templateVersions } from "../manifests/shared/pod-release.ts";
import { clusterWith, podWith } from "../../test/reconcile/build.ts";
import { gatewayClient } from "./gateway-client.ts";

const orders = { name: "orders", url: "http://orders:8080/", events: ["order:*"] };

test.each([
  {
    when: "from before spec.recovery",
    refuses: ["recovery", "maxConnectionAgeSeconds", "handlers"],
    words: "is not a field",
  },
  {
    when: "from before spec.handlers",
    refuses: ["maxConnectionAgeSeconds", "handlers"],
    words: "is not a field",
  },
  {
    when: "from before spec.maxConnectionAgeSeconds",
    refuses: ["maxConnectionAgeSeconds"],
    words: "is not a field",
  },
  { when: "without HANDLER_SECRET", refuses: ["handlers"], words: "need HANDLER_SECRET" },
] as const)("configures a gateway $when with the fields that it knows", async ({ refuses, words }) => {
  const config = liveConfig(clusterWith({ handlers: [orders] }), 3, templateVersions.gateway.newest);
  const bodies: object[] = [];
  const client = gatewayClient(async (_pod, { body = {} }) => {
    bodies.push(body);
    const refused = refuses.find((field) => field in body);
    if (refused !== undefined) return { status: 400, text: JSON.stringify({ message: `${refused} ${words}` }) };
    return { status: 200, text: JSON.stringify({ generation: 3, hash: liveConfigHash(body as LiveConfig) }) };
  });
  expect(await client.putConfig(podWith("a"), "token", config)).toEqual({
    generation: 3,
    hash: liveConfigHash(config),
    lacks: refuses,
  });
  expect(bodies).toHaveLength(refuses.length + 1);
  const known = Object.keys(config).filter((field) => !refuses.some((refused) => refused === field));
  expect(Object.keys(bodies.at(-1) ?? {})).toEqual(known);
});
