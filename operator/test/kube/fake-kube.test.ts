// Tests what only the fake can do: fail on demand, and show its objects to a test.
import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { ApiError, ConnectionError } from "../../src/kube/errors.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";

const { configMaps, deployments } = resources;
const a: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "default" },
  data: { x: "1" },
};
const lost = new ConnectionError("read ECONNRESET");

test("failNext fails one request, before or after its effect", async () => {
  const kube = new FakeKube();
  kube.failNext(lost);
  await expect(kube.apply(configMaps, a)).rejects.toBe(lost);
  expect(kube.objects(configMaps)).toEqual([]);
  kube.failNext(lost, "after");
  await expect(kube.apply(configMaps, a)).rejects.toBe(lost);
  expect(kube.objects(configMaps)).toMatchObject([{ metadata: { name: "a" } }]);
  await kube.apply(configMaps, a);
});

test("an interceptor can fail requests by verb, kind and name", async () => {
  const kube = new FakeKube();
  const forbidden = new ApiError("no", { status: 403, reason: "Forbidden" });
  kube.intercept = ({ verb, resource, name }) =>
    verb === "apply" && resource?.plural === "configmaps" && name === "a" ? { fail: forbidden } : "pass";
  await expect(kube.apply(configMaps, a)).rejects.toBe(forbidden);
  await kube.apply(configMaps, { ...a, metadata: { ...a.metadata, name: "b" } });
  await kube.create(configMaps, a);
});

test("records every request as sent, refused ones too", async () => {
  const kube = new FakeKube();
  kube.failNext(lost);
  await kube.get(configMaps, "default", "a").catch(() => undefined);
  await kube.apply(configMaps, a, { dryRun: true });
  expect(kube.requests).toEqual([
    { verb: "get", resource: configMaps, namespace: "default", name: "a" },
    { verb: "apply", resource: configMaps, namespace: "default", name: "a", body: a, options: { dryRun: true } },
  ]);
});

test("copies objects in and out of the store", async () => {
  const kube = new FakeKube();
  const sent = structuredClone(a);
  const answer = kube.apply(configMaps, sent);
  sent["data"] = { x: "changed after sending" };
  (await answer)["data"] = { x: "changed after receiving" };
  for (const object of kube.objects(configMaps)) object["data"] = { x: "changed after looking" };
  expect(await kube.get(configMaps, "default", "a")).toMatchObject({ data: { x: "1" } });
});

test("drops undefined fields", async () => {
  const kube = new FakeKube();
  const stored = await kube.apply(configMaps, { ...a, immutable: undefined });
  expect(Object.keys(stored)).not.toContain("immutable");
});

test("a broken watch throws, an ended one ends", async () => {
  const kube = new FakeKube();
  const next = () =>
    kube.watch(configMaps, { resourceVersion: "101", timeoutSeconds: 60 }, new AbortController().signal).next();
  const [broken] = [next()];
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  kube.watches.end(lost);
  await expect(broken).rejects.toBe(lost);
  const ended = next();
  await new Promise((resolve) => setImmediate(resolve));
  kube.watches.end();
  expect(await ended).toEqual({ done: true, value: undefined });
  expect(kube.watches.count).toBe(0);
});

test("takes times from the given clock and moves them only with a change", async () => {
  let now = Date.UTC(2030, 0, 1);
  const kube = new FakeKube({ now: () => now });
  await kube.apply(configMaps, a);
  now += 60_000;
  const same = await kube.apply(configMaps, a);
  expect(same.metadata).toMatchObject({
    creationTimestamp: "2030-01-01T00:00:00Z",
    managedFields: [{ time: "2030-01-01T00:00:00Z" }],
  });
  const changed = await kube.apply(configMaps, { ...a, data: { x: "2" } });
  expect(changed.metadata).toMatchObject({
    creationTimestamp: "2030-01-01T00:00:00Z",
    managedFields: [{ time: "2030-01-01T00:01:00Z" }],
  });
});

test("removes the objects of a removed definition", async () => {
  const kube = new FakeKube();
  await kube.apply(configMaps, a);
  kube.unserve(configMaps);
  await expect(kube.apply(configMaps, a)).rejects.toMatchObject({ status: 404 });
  expect(await kube.discover("", "v1")).not.toContain("configmaps");
  await expect(
    kube.apply(deployments, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", namespace: "default" },
    }),
  ).resolves.toBeDefined();
});
