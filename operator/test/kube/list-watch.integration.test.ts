// Tests the list-watch with a real kube-apiserver. A proxy simulates network failures.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import type { Clock } from "../../src/engine/clock.ts";
import { connect } from "../../src/kube/http/connect.ts";
import { namespaces } from "../../../testkit/fake-kube/served-kinds.ts";
import type { Kube } from "../../src/kube/kube.ts";
import { ListWatch, type Change } from "../../src/kube/list-watch/list-watch.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const { configMaps } = resources;
const namespace = "list-watch";
/** A clock that runs a hundred times faster, so that 150 s without an event take only 1.5 s. */
const fast: Clock = {
  now: () => Date.now() * 100,
  wait: (ms, signal) => sleep(ms / 100, undefined, { signal }).catch(() => undefined),
};

let cluster: ControlPlane;
let direct: Kube;
beforeAll(async () => {
  cluster = await startControlPlane();
  direct = connect({ kubeconfig: cluster.kubeconfig }).kube;
  await direct.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
}, 900_000);
afterAll(() => cluster.stop());

let proxy: TcpProxy;
let stopping: AbortController;
let running: Promise<void>;
let watch: ListWatch;
let told: Change[];
let lists: number;
beforeEach(async () => {
  const { hostname, port } = new URL(cluster.url);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const kubeconfig = `${cluster.kubeconfig}.proxied`;
  writeFileSync(
    kubeconfig,
    readFileSync(cluster.kubeconfig, "utf8").replaceAll(cluster.url, `https://127.0.0.1:${proxy.port}`),
  );
  const { kube } = connect({ kubeconfig });
  told = [];
  lists = 0;
  const quiet = () => undefined;
  watch = new ListWatch({
    kube: {
      watch: kube.watch.bind(kube),
      list: (...args) => {
        lists++;
        return kube.list(...args);
      },
    },
    resource: configMaps,
    namespace,
    labelSelector: "kept=yes",
    onChange: (change) => told.push(change),
    logger: { debug: quiet, info: quiet, warn: quiet },
    clock: fast,
    random: Math.random,
  });
  stopping = new AbortController();
  running = watch.run(stopping.signal);
  await until("the first list", async () => watch.isSynced, 30_000, 10);
});
afterEach(async () => {
  stopping.abort();
  await running;
  for (const object of (await direct.list(configMaps, { namespace, labelSelector: "kept=yes" })).items)
    await direct.remove(configMaps, object);
  await proxy.stop();
});

const put = (name: string, x: string) =>
  direct.apply(configMaps, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: { kept: "yes" } },
    data: { x },
  });
const has = (name: string, x: string) =>
  until(
    `${name} with ${x}`,
    async () => (watch.get(namespace, name)?.["data"] as { x?: string } | undefined)?.x === x,
    30_000,
    10,
  );
const state = (objects: Iterable<KubeObject>) =>
  [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).sort();

/**
 * Applies the reported changes to an empty list and returns the objects. Throws when a change does not fit the state
 * after the earlier changes.
 */
function replayed(changes: readonly Change[]): Iterable<KubeObject> {
  const known = new Map<string, KubeObject>();
  for (const { type, object, before } of changes) {
    const { name, uid } = object.metadata;
    if (before !== known.get(name)) throw new Error(`${type} ${name} does not follow on what was told before`);
    if (type === "modified" && before?.metadata.uid !== uid)
      throw new Error(`${name} was replaced, and told as modified`);
    if (type === "deleted") known.delete(name);
    else known.set(name, object);
  }
  return known.values();
}

test("continues after a connection reset without a list and without a lost event", async () => {
  await put("a", "1");
  await has("a", "1");
  proxy.reset();
  const a = await put("a", "2");
  await direct.remove(configMaps, a);
  await put("a", "3");
  await has("a", "3");
  expect(told.map(({ type }) => type)).toEqual(["added", "modified", "deleted", "added"]);
  expect(lists).toBe(1);
});

test("reports every write in order while connections are reset repeatedly", async () => {
  for (let i = 0; i < 150; i++) {
    const written = await put(`c-${i % 10}`, String(i));
    if (i % 7 === 0) await direct.remove(configMaps, written);
    if (i % 10 === 0) proxy.reset();
  }
  await put("last", "1");
  await has("last", "1");
  const { items } = await direct.list(configMaps, { namespace, labelSelector: "kept=yes" });
  expect(state(watch.values())).toEqual(state(items));
  expect(state(replayed(told))).toEqual(state(items));
}, 60_000);

test("leaves a silent connection and reports what it missed", async () => {
  await put("a", "1");
  await has("a", "1");
  proxy.freeze();
  await put("a", "2");
  await has("a", "2");
  expect(lists).toBe(1);
  expect(watch.problem).toBeUndefined();
});

test("reconnects after an API server crash and reports a recreated object as deleted, then added", async () => {
  const first = await put("a", "1");
  await put("b", "1");
  await has("b", "1");
  proxy.reset();
  await direct.remove(configMaps, first);
  await cluster.stopApiServer();
  await until("a problem", async () => watch.problem, 30_000, 10);
  await cluster.startApiServer();
  await put("a", "2");
  await has("a", "2");
  await until("no problem", async () => watch.problem === undefined, 30_000, 10);
  const { items } = await direct.list(configMaps, { namespace, labelSelector: "kept=yes" });
  expect(state(replayed(told))).toEqual(state(items));
  expect(told.filter(({ object }) => object.metadata.name === "a").map(({ type }) => type)).toEqual([
    "added",
    "deleted",
    "added",
  ]);
  expect(told.filter(({ object }) => object.metadata.name === "b").map(({ type }) => type)).toEqual(["added"]);
}, 90_000);

test("closes its connection and reports nothing more after the abort", async () => {
  await until("the watch's connection", async () => proxy.count > 0, 30_000, 10);
  stopping.abort();
  await running;
  await put("late", "1");
  await until(
    "the watch's connection to close; one idle connection may stay pooled",
    async () => proxy.count <= 1,
    30_000,
    10,
  );
  expect(told).toEqual([]);
  expect([...watch.values()]).toEqual([]);
});
