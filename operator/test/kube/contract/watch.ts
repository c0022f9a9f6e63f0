import { describe, expect, test } from "@jest/globals";
import { resources } from "../../../src/api/resources.ts";
import type { WatchEvent } from "../../../src/kube/kube.ts";
import { configMap, eventsOf, type Ground } from "./ground.ts";

const { configMaps } = resources;

export function watchContract(ground: Ground): void {
  const position = async () => (await ground.kube.list(configMaps, { namespace: ground.namespace })).resourceVersion;
  const ours = () => ({ namespace: ground.namespace, labelSelector: "kept=yes" });
  const kept = { labels: { kept: "yes" } };

  describe("watching", () => {
    test("continues after a resourceVersion with all later events in order", async () => {
      const before = await ground.kube.apply(configMaps, configMap(ground, "before", {}, kept));
      const resourceVersion = await position();
      const a = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, kept));
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "2" }, kept));
      await ground.kube.remove(configMaps, a);
      await ground.kube.remove(configMaps, before);
      const events = await eventsOf(
        ground.kube,
        configMaps,
        { ...ours(), resourceVersion },
        (seen) => seen.length === 4,
      );
      expect(events.map(summary)).toEqual(["ADDED a 1", "MODIFIED a 2", "DELETED a 2", "DELETED before"]);
      const versions = events.map((event) =>
        event.type === "ERROR" ? NaN : Number(event.object.metadata.resourceVersion),
      );
      expect(versions).toEqual([...versions].sort((x, y) => x - y));
      expect(new Set(versions).size).toBe(4);
    });

    test("opens at once and yields what happens afterwards", async () => {
      const resourceVersion = await position();
      const stop = new AbortController();
      const opened = Promise.withResolvers<void>();
      const watch = ground.kube
        .watch(
          configMaps,
          { ...ours(), resourceVersion, timeoutSeconds: 60, onOpen: () => opened.resolve() },
          stop.signal,
        )
        [Symbol.asyncIterator]();
      const first = watch.next();
      await opened.promise;
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, kept));
      expect(await first).toMatchObject({
        value: { type: "ADDED", object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } } },
      });
      const next = watch.next();
      stop.abort();
      expect(await next).toEqual({ done: true, value: undefined });
    });

    test("reports a removed label as a deletion and an added one as an addition", async () => {
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, kept));
      const resourceVersion = await position();
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "2" }));
      const back = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "3" }, kept));
      const events = await eventsOf(
        ground.kube,
        configMaps,
        { ...ours(), resourceVersion },
        (seen) => seen.length === 2,
      );
      expect(events.map(summary)).toEqual(["DELETED a 1", "ADDED a 3"]);
      expect(Number(events[0]?.type === "DELETED" && events[0].object.metadata.resourceVersion)).toBeGreaterThan(
        Number(resourceVersion),
      );
      expect(events[1]).toMatchObject({ object: { metadata: { resourceVersion: back.metadata.resourceVersion } } });
    });

    test("does not report other namespaces", async () => {
      const resourceVersion = await position();
      const elsewhere = {
        ...configMap(ground, "stray", {}, kept),
        metadata: { name: `stray-${ground.namespace}`, namespace: "default", ...kept },
      };
      await ground.kube.apply(configMaps, elsewhere);
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, kept));
      const events = await eventsOf(
        ground.kube,
        configMaps,
        { ...ours(), resourceVersion },
        (seen) => seen.length === 1,
      );
      expect(events.map(summary)).toEqual(["ADDED a 1"]);
    });

    test("a bookmark moves past writes of other objects, and the server ends the watch at its time limit", async () => {
      const resourceVersion = await position();
      const written = Promise.withResolvers<string | undefined>();
      const write = async () => {
        const { metadata } = await ground.kube.apply(configMaps, configMap(ground, "other", {}));
        ground.passMinute();
        ground.passTimeout();
        return metadata.resourceVersion;
      };
      const options = { ...ours(), resourceVersion, timeoutSeconds: 10, onOpen: () => written.resolve(write()) };
      const versions: number[] = [];
      for await (const event of ground.kube.watch(configMaps, options, AbortSignal.timeout(30_000))) {
        if (event.type !== "BOOKMARK") throw new Error(`${event.type} was told`);
        versions.push(Number(event.object.metadata.resourceVersion));
      }
      expect(versions.at(-1)).toBeGreaterThanOrEqual(Number(await written.promise));
    }, 40_000);

    test("reports a resourceVersion older than the history as expired", async () => {
      const resourceVersion = await position();
      for (const x of ["1", "2"]) await ground.kube.apply(configMaps, configMap(ground, "a", { x }, kept));
      await ground.forget();
      const [event] = await eventsOf(ground.kube, configMaps, { ...ours(), resourceVersion }, () => true);
      expect(event).toMatchObject({ type: "ERROR", code: 410, reason: "Expired" });
    }, 70_000);
  });
}

function summary(event: WatchEvent): string {
  if (event.type === "ERROR" || event.type === "BOOKMARK") return event.type;
  const { x = "" } = (event.object["data"] ?? {}) as { x?: string };
  return `${event.type} ${event.object.metadata.name} ${x}`.trim();
}
