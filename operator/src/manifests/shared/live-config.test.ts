import { expect, test } from "@jest/globals";
import { clusterWith } from "../../../test/reconcile/build.ts";
import { liveConfig } from "./live-config.ts";
import { templateVersions } from "./pod-release.ts";

const exposed = { exposure: { type: "Ingress", host: "chat.example.com", tls: { secretName: "tls" } } };
const plain = { exposure: { type: "Ingress", host: "chat.example.com" } };
const app = "https://app.example.com";

const orders = { name: "orders", events: ["order:*"] };

test.each([
  {
    when: "the entry has a URL",
    address: { url: "https://orders.example.com/a" },
    want: "https://orders.example.com/a",
  },
  { when: "it is a Service", address: { service: { name: "orders", port: 80 } }, want: "http://orders.apps.svc:80/" },
  {
    when: "it is a Service of another namespace",
    address: { service: { name: "orders", namespace: "shop", port: 8080, path: "/a?b=c" } },
    want: "http://orders.shop.svc:8080/a?b=c",
  },
])("lists a handler with the address $want when $when", ({ address, want }) => {
  const cluster = clusterWith({ handlers: [{ ...orders, ...address }] });
  const { handlers = [] } = liveConfig(cluster, 1, templateVersions.gateway.newest);
  expect(handlers).toMatchObject([{ ...orders, url: want, timeoutMilliseconds: 1000 }]);
  expect(handlers[0]).not.toHaveProperty("service");
});

test("has an empty list without handlers, and no list for gateways that do not know handlers", () => {
  expect(liveConfig(clusterWith(), 1, templateVersions.gateway.newest).handlers).toEqual([]);
  const cluster = clusterWith({ handlers: [{ ...orders, url: "http://orders/" }] });
  expect(liveConfig(cluster, 1, 3)).not.toHaveProperty("handlers");
});

test.each([
  { when: "none is listed", spec: exposed, want: ["https://chat.example.com"] },
  { when: "the web app is listed", spec: { ...exposed, origins: [app] }, want: [app, "https://chat.example.com"] },
  {
    when: "TLS may end before the ingress",
    spec: { ...plain, origins: [app] },
    want: [app, "https://chat.example.com", "http://chat.example.com"],
  },
  {
    when: "the exposed host is listed as well",
    spec: { ...exposed, origins: ["https://chat.example.com", "null"] },
    want: ["https://chat.example.com", "null"],
  },
  { when: "all are allowed", spec: { ...exposed, origins: ["*"] }, want: ["*"] },
  { when: "the cluster is not exposed", spec: { exposure: { type: "None" }, origins: [app] }, want: [app] },
])("allows the exposed host as an origin when $when: $want", ({ spec, want }) => {
  expect(liveConfig(clusterWith(spec), 1, templateVersions.gateway.newest).origins).toEqual(want);
});
