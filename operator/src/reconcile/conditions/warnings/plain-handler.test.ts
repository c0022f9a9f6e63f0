import { expect, test } from "@jest/globals";
import { clusterWith, healthyFacts } from "../../../../test/reconcile/build.ts";
import { plainHandler } from "./plain-handler.ts";

const warningFor = (...urls: string[]) =>
  plainHandler(
    healthyFacts({
      cluster: clusterWith({ handlers: urls.map((url, index) => ({ name: `h${index}`, url, events: [`e${index}`] })) }),
    }),
  );

test.each(["http://handlers.example.com/a", "http://orders.apps/", "http://203.0.113.7:8080/"])(
  "warns of %s, which may be outside the cluster",
  (url) => {
    expect(warningFor(url)).toEqual({
      reason: "HandlerNotEncrypted",
      message: `spec.handlers sends what clients send over plain http to ${new URL(url).host} (h0), which may be outside this Kubernetes cluster: use https, or name a Service in service`,
    });
  },
);

test("counts the others", () => {
  expect(warningFor("http://a.example.com", "http://b.example.com")?.message).toContain("(h0), and 1 more, which");
});

test.each([
  "https://handlers.example.com/a",
  "http://orders/",
  "http://orders.apps.svc:8080",
  "http://o.a.svc.cluster.local",
])("does not warn of %s", (url) => {
  expect(warningFor(url)).toBeUndefined();
});

test("does not warn of a Service", () => {
  const handlers = [{ name: "orders", service: { name: "orders", port: 80 }, events: ["order:*"] }];
  expect(plainHandler(healthyFacts({ cluster: clusterWith({ handlers }) }))).toBeUndefined();
});
