import { expect, test } from "@jest/globals";
import { clusterWith } from "../../test/reconcile/build.ts";
import { serverEgress } from "./server-network-policy.ts";

const events = (index: number) => ({ name: `h${index}`, events: [`e${index}`] });
const rulesFor = (...addresses: object[]) =>
  serverEgress(clusterWith({ handlers: addresses.map((address, index) => ({ ...events(index), ...address })) }));
const namespace = (name: string) => ({
  to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } }],
});
const anywhere = (port: number) => ({ ports: [{ port, protocol: "TCP" }] });

test("allows DNS and Redis, and nothing else without handlers and issuers", () => {
  expect(rulesFor()).toEqual([
    {
      ports: [
        { port: 53, protocol: "UDP" },
        { port: 53, protocol: "TCP" },
      ],
    },
    {
      to: [
        {
          podSelector: { matchLabels: expect.objectContaining({ "app.kubernetes.io/component": "redis" }) as unknown },
        },
      ],
      ports: [{ port: 6379, protocol: "TCP" }],
    },
  ]);
});

test("allows every port of the namespace of a handler's Service, because the pods' ports are not known", () => {
  const rules = rulesFor(
    { service: { name: "orders", port: 80 } },
    { service: { name: "carts", namespace: "shop", port: 80 } },
    { url: "http://cursors.shop.svc.cluster.local:8080/" },
    { url: "http://chess/" },
  );
  expect(rules.slice(2)).toEqual([namespace("apps"), namespace("shop")]);
});

test("allows the port of an address outside, to anywhere", () => {
  const urls = ["https://a.example.com/", "http://10.0.0.7:8080/", "https://b.example.com/", "http://c.example.com"];
  expect(rulesFor(...urls.map((url) => ({ url }))).slice(2)).toEqual([anywhere(80), anywhere(443), anywhere(8080)]);
});

test("allows the issuers' key sets", () => {
  const issuer = { issuer: "a", audience: "chat", jwksURL: "https://id.example.com:8443/jwks" };
  expect(serverEgress(clusterWith({ auth: { jwt: { issuers: [issuer] } } })).slice(2)).toEqual([anywhere(8443)]);
});

test("does not allow Redis when the cluster has none of its own", () => {
  expect(serverEgress(clusterWith({ replicas: 1, redis: { type: "None" } }))).toHaveLength(1);
});
