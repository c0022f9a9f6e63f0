import { describe, expect, test } from "@jest/globals";
import { resources } from "../../../src/api/resources.ts";
import { configMap, gadgets, type Ground } from "./ground.ts";

const { configMaps } = resources;
const unknownKind = { ...gadgets, plural: "widgets", kind: "Widget" };
const unknownGroup = { ...gadgets, group: "nobody.example" };

export function readContract(ground: Ground): void {
  describe("reading", () => {
    test("returns undefined when the object does not exist or its kind is not served", async () => {
      expect(await ground.kube.get(configMaps, ground.namespace, "none")).toBeUndefined();
      expect(await ground.kube.get(unknownKind, ground.namespace, "none")).toBeUndefined();
    });

    test("list throws a 404 when the kind is not served", async () => {
      await expect(ground.kube.list(unknownGroup, {})).rejects.toMatchObject({
        name: "ApiError",
        status: 404,
        reason: "NotFound",
      });
    });

    test("watch throws a 404 when the kind is not served", async () => {
      const watch = ground.kube.watch(
        unknownGroup,
        { resourceVersion: "1", timeoutSeconds: 5 },
        AbortSignal.timeout(20_000),
      );
      await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: "ApiError", status: 404 });
    });

    test("list returns items with their kinds, and pages of one snapshot", async () => {
      for (const name of ["a", "b", "c"])
        await ground.kube.apply(configMaps, configMap(ground, name, { is: name }, { labels: { kept: "yes" } }));
      const scope = { namespace: ground.namespace, labelSelector: "kept=yes", limit: 2 };
      const first = await ground.kube.list(configMaps, scope);
      expect(first.items.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name])).toEqual([
        ["v1", "ConfigMap", "a"],
        ["v1", "ConfigMap", "b"],
      ]);
      await ground.kube.apply(configMaps, configMap(ground, "c2", {}, { labels: { kept: "yes" } }));
      const second = await ground.kube.list(configMaps, { ...scope, continue: first.continue ?? "" });
      expect(second.items.map(({ metadata }) => metadata.name)).toEqual(["c"]);
      expect(second.continue).toBeUndefined();
      expect(second.resourceVersion).toBe(first.resourceVersion);
    });

    test.each([
      { selector: "app=chat", want: ["a", "b"] },
      { selector: "app=chat,tier!=front", want: ["b"] },
      { selector: "app in (chat, other),tier", want: ["a", "c"] },
      { selector: "app notin (chat),kept", want: ["c", "d"] },
      { selector: "!app,kept", want: ["d"] },
    ])("labels are selected by $selector", async ({ selector, want }) => {
      const labelled = {
        a: { app: "chat", tier: "front" },
        b: { app: "chat" },
        c: { app: "other", tier: "back" },
        d: {},
      };
      for (const [name, labels] of Object.entries(labelled))
        await ground.kube.apply(configMaps, configMap(ground, name, {}, { labels: { kept: "yes", ...labels } }));
      const { items } = await ground.kube.list(configMaps, { namespace: ground.namespace, labelSelector: selector });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(want);
    });

    test("selects an object by its name", async () => {
      for (const name of ["a", "b"]) await ground.kube.apply(configMaps, configMap(ground, name, {}));
      const { items } = await ground.kube.list(configMaps, {
        namespace: ground.namespace,
        fieldSelector: "metadata.name=b",
      });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
    });

    test("discover returns the served plurals without subresources, or undefined for an unknown group version", async () => {
      expect([...((await ground.kube.discover("apps", "v1")) ?? [])]).toEqual(
        expect.arrayContaining(["deployments", "statefulsets"]),
      );
      expect([...((await ground.kube.discover("", "v1")) ?? [])]).toEqual(
        expect.arrayContaining(["configmaps", "secrets"]),
      );
      expect((await ground.kube.discover("apps", "v1"))?.has("deployments/status")).toBe(false);
      expect(await ground.kube.discover("nobody.example", "v1")).toBeUndefined();
      expect(await ground.kube.discover("apps", "v9")).toBeUndefined();
    });

    test("openapi returns OpenAPI v3, or undefined for an unknown group version", async () => {
      expect(await ground.kube.openapi("apps", "v1")).toMatchObject({
        openapi: expect.stringMatching(/^3/),
        components: { schemas: expect.any(Object) },
      });
      expect(await ground.kube.openapi("nobody.example", "v1")).toBeUndefined();
    });

    test("throws the signal's reason when aborted before", async () => {
      const reason = new Error("the operator stops");
      await expect(ground.kube.get(configMaps, ground.namespace, "none", AbortSignal.abort(reason))).rejects.toBe(
        reason,
      );
    });
  });
}
