import { expect, test } from "@jest/globals";
import { clusterWith, healthyFacts } from "../../../../test/reconcile/build.ts";
import { sharedHost } from "./shared-host.ts";

const exposedBy = (className?: string) => ({
  exposure: { type: "Ingress", host: "chat.example.com", ingress: className === undefined ? {} : { className } },
});
const other = (spec: object) => clusterWith(spec, { name: "twin", namespace: "default" });

const routedBy = (name: string, namespace?: string) => ({
  exposure: {
    type: "Gateway",
    host: "chat.example.com",
    gateway: { parentRefs: [{ name, ...(namespace === undefined ? {} : { namespace }) }] },
  },
});

test.each([
  { when: "both have the default class", one: {}, two: other({}), want: true },
  { when: "both have one class", one: exposedBy("edge"), two: other(exposedBy("edge")), want: true },
  { when: "one has the default class", one: exposedBy("edge"), two: other({}), want: true },
  { when: "they have different classes", one: exposedBy("edge"), two: other(exposedBy("inside")), want: false },
  { when: "only the other has a Gateway", one: {}, two: other(routedBy("public")), want: false },
  {
    when: "both have one Gateway",
    one: routedBy("public", "edge"),
    two: other(routedBy("public", "edge")),
    want: true,
  },
  {
    when: "each has a Gateway of its own namespace",
    one: routedBy("public"),
    two: other(routedBy("public")),
    want: false,
  },
])("warns of a host that two clusters share when $when: $want", ({ one, two, want }) => {
  const found = sharedHost(healthyFacts({ cluster: clusterWith(one), sharingHost: [two] }));
  expect(found?.message).toBe(
    want
      ? "spec.exposure.host chat.example.com is also the host of cluster default/twin: clients of one reach the gateways of the other and are refused; give each cluster its own host"
      : undefined,
  );
});
