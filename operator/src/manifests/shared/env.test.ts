import { expect, test } from "@jest/globals";
import { clusterWith } from "../../../test/reconcile/build.ts";
import { environment } from "./env.ts";

const exposedBy = (controller: string) => ({
  exposure: { type: "Ingress", host: "chat.example.com", ingress: { controller } },
});
const trusted = (spec: object, template: number) =>
  environment(clusterWith(spec), template).find(({ name }) => name === "TRUSTED_PROXIES")?.value;
const privateNetworks = trusted(exposedBy("Traefik"), 1) ?? "";

test.each([
  { when: "GKE", spec: exposedBy("GKE"), template: 2, want: `${privateNetworks},gke` },
  { when: "GKE with pods of template 1", spec: exposedBy("GKE"), template: 1, want: privateNetworks },
  { when: "an ALB", spec: exposedBy("ALB"), template: 2, want: privateNetworks },
  {
    when: "a list",
    spec: { ...exposedBy("GKE"), trustedProxies: ["private", "gke", "cloudflare"] },
    template: 2,
    want: "private,gke,cloudflare",
  },
  { when: "no exposure", spec: { exposure: { type: "None" } }, template: 2, want: undefined },
])("trusts $want with $when", ({ spec, template, want }) => {
  expect(privateNetworks).toContain("10.0.0.0/8");
  expect(trusted(spec, template)).toBe(want);
});
