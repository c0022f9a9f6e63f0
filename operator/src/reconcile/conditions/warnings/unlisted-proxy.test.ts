import { expect, test } from "@jest/globals";
import { allAnswered, healthy } from "../../../../test/reconcile/condition-cases.ts";
import { unlistedProxy } from "./unlisted-proxy.ts";

const gke = { exposure: { type: "Ingress", host: "a.example.com", ingress: { controller: "GKE" } } };
const inside = { exposure: { type: "None" } };

test.each([
  {
    when: "pods of the first template lack GKE",
    spec: gke,
    network: "gke",
    want: "set spec.trustedProxies to [private, gke]",
  },
  {
    when: "Cloudflare is before GKE",
    spec: gke,
    network: "cloudflare",
    want: "set spec.trustedProxies to [private, gke, cloudflare]",
  },
  {
    when: "your own proxy is before a cluster without a route",
    spec: inside,
    network: "private",
    want: "set spec.trustedProxies to [private]",
  },
  {
    when: "one more proxy is before those that are counted",
    spec: { trustedProxies: ["private", "+1"] },
    network: "unknown",
    want: "or to [private, +2] if every client comes through it, as with CloudFront",
  },
])("names the list to set when $when", ({ spec, network, want }) => {
  expect(unlistedProxy(allAnswered(healthy(spec), { unlistedProxy: network }))?.message.endsWith(want)).toBe(true);
});

test("warns of nothing when gateways see no such proxy", () => {
  expect(unlistedProxy(healthy({}))).toBeUndefined();
});
