import { expect, test } from "@jest/globals";
import { clusterWith, healthyFacts } from "../../../../test/reconcile/build.ts";
import { patchedLabel } from "./patched-label.ts";

const warningFor = (podPatch: object) => patchedLabel(healthyFacts({ cluster: clusterWith({ podPatch }) }));

test("warns when the pod patch sets a label of the selector", () => {
  expect(warningFor({ metadata: { labels: { "app.kubernetes.io/name": "x", team: "web" } } })).toEqual({
    reason: "PodPatchIgnored",
    message:
      "spec.podPatch sets app.kubernetes.io/name: selectors need these labels, so pods keep the operator's values; " +
      "remove them",
  });
});

test("warns when the pod patch of Redis removes a label of the selector", () => {
  const podPatch = { metadata: { labels: { "app.kubernetes.io/instance": null } } };
  const cluster = clusterWith({ redis: { type: "Managed", managed: { podPatch } } });
  expect(patchedLabel(healthyFacts({ cluster }))?.message).toContain(
    "spec.redis.managed.podPatch sets app.kubernetes.io/instance",
  );
});

test.each([
  { when: "it sets another label", podPatch: { metadata: { labels: { team: "web" } } } },
  { when: "it repeats the own value", podPatch: { metadata: { labels: { "app.kubernetes.io/instance": "chat" } } } },
  { when: "it has no labels", podPatch: { metadata: null } },
])("does not warn when $when", ({ podPatch }) => {
  expect(warningFor(podPatch)).toBeUndefined();
});
