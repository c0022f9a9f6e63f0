import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/api/kube-object.ts";
import { resources } from "../../../src/api/resources.ts";
import { configMap, deployment, gadget, gadgets, type Ground } from "./ground.ts";

const { configMaps, deployments } = resources;

export function applyRulesContract(ground: Ground): void {
  describe("rules of server-side apply", () => {
    test("replaces a list without keys as a whole", async () => {
      await ground.kube.apply(
        deployments,
        deployment(ground, "a", { containers: [{ name: "main", image: "i:1", args: ["a", "b"] }] }),
      );
      const later = await ground.kube.apply(
        deployments,
        deployment(ground, "a", { containers: [{ name: "main", image: "i:1", args: ["b"] }] }),
      );
      expect(podOf(later).containers[0]?.args).toEqual(["b"]);
    });

    test("refuses an unknown field", async () => {
      const strange = { ...configMap(ground, "a", {}), dta: {} };
      await expect(ground.kube.apply(configMaps, strange)).rejects.toMatchObject({
        name: "ApiError",
        status: 500,
        message: expect.stringContaining("dta"),
      });
      expect(await ground.kube.get(configMaps, ground.namespace, "a")).toBeUndefined();
    });

    test("treats uid and resourceVersion as preconditions and refuses managedFields", async () => {
      const first = await ground.kube.apply(configMaps, configMap(ground, "a", {}));
      await expect(
        ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, { uid: "other" })),
      ).rejects.toMatchObject({ status: 422, reason: "Invalid" });
      await expect(
        ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, { resourceVersion: "1" })),
      ).rejects.toMatchObject({ status: 409, reason: "Conflict" });
      await expect(
        ground.kube.apply(
          configMaps,
          configMap(ground, "a", { x: "1" }, { managedFields: first.metadata.managedFields ?? [] }),
        ),
      ).rejects.toMatchObject({ status: 400 });
      await expect(
        ground.kube.apply(configMaps, configMap(ground, "none", {}, { uid: "other" })),
      ).rejects.toMatchObject({ status: 409 });
      expect(
        (await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, { uid: first.metadata.uid ?? "" })))[
          "data"
        ],
      ).toEqual({ x: "1" });
    });

    test("a dry run returns the result and stores nothing", async () => {
      expect(await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }), { dryRun: true })).toMatchObject({
        data: { x: "1" },
        metadata: { uid: expect.any(String) },
      });
      expect(await ground.kube.get(configMaps, ground.namespace, "a")).toBeUndefined();
    });

    test("the generation counts changes of the spec, not of labels", async () => {
      expect((await ground.kube.apply(gadgets, gadget(ground, "a", { spec: { size: 1 } }))).metadata.generation).toBe(
        1,
      );
      expect(
        (await ground.kube.apply(gadgets, gadget(ground, "a", { spec: { size: 1 } }, { labels: { l: "1" } }))).metadata
          .generation,
      ).toBe(1);
      expect((await ground.kube.apply(gadgets, gadget(ground, "a", { spec: { size: 2 } }))).metadata.generation).toBe(
        2,
      );
      const first = await ground.kube.apply(
        deployments,
        deployment(ground, "d", { containers: [{ name: "main", image: "i:1" }] }),
      );
      const second = await ground.kube.apply(
        deployments,
        deployment(ground, "d", { containers: [{ name: "main", image: "i:2" }] }),
      );
      expect([first.metadata.generation, second.metadata.generation]).toEqual([1, 2]);
    });

    test("status and spec are written through separate subresources", async () => {
      const created = await ground.kube.apply(
        gadgets,
        gadget(ground, "a", { spec: { size: 1 }, status: { ready: true } }),
      );
      expect(created["status"]).toBeUndefined();
      const reported = await ground.kube.apply(
        gadgets,
        gadget(ground, "a", { spec: { size: 9 }, status: { ready: true } }),
        { subresource: "status" },
      );
      expect(reported).toMatchObject({ spec: { size: 1 }, status: { ready: true }, metadata: { generation: 1 } });
      expect(reported.metadata.managedFields).toHaveLength(2);
      expect(reported.metadata.managedFields).toContainEqual(
        expect.objectContaining({
          manager: "realtime-operator",
          subresource: "status",
          fieldsV1: { "f:status": { "f:ready": {} } },
        }),
      );
      const respecified = await ground.kube.apply(gadgets, gadget(ground, "a", { spec: { size: 2 } }));
      expect(respecified).toMatchObject({ spec: { size: 2 }, status: { ready: true } });
      await expect(
        ground.kube.apply(gadgets, gadget(ground, "none", { status: {} }), { subresource: "status" }),
      ).rejects.toMatchObject({ status: 404 });
      await expect(
        ground.kube.apply(configMaps, configMap(ground, "a", {}), { subresource: "status" }),
      ).rejects.toMatchObject({ status: 404 });
    });

    test("scale changes only the replicas of a Deployment, and cannot be applied to a custom resource", async () => {
      await ground.kube.apply(deployments, deployment(ground, "a", { containers: [{ name: "main", image: "i:1" }] }));
      const scale = {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "a", namespace: ground.namespace },
        spec: { replicas: 1 },
      };
      const as = { subresource: "scale", fieldManager: "autoscaler" } as const;
      expect(await ground.kube.apply(deployments, scale, as)).toMatchObject({ kind: "Scale", spec: { replicas: 1 } });
      const scaled = (await ground.kube.get(deployments, ground.namespace, "a")) as KubeObject;
      expect(scaled).toMatchObject({ spec: { replicas: 1 }, metadata: { generation: 2 } });
      expect(scaled.metadata.managedFields).toContainEqual(
        expect.objectContaining({
          manager: "autoscaler",
          subresource: "scale",
          fieldsV1: { "f:spec": { "f:replicas": {} } },
        }),
      );
      await ground.kube.apply(gadgets, gadget(ground, "a", { spec: { replicas: 1 } }));
      await expect(ground.kube.apply(gadgets, { ...scale, spec: { replicas: 4 } }, as)).rejects.toMatchObject({
        name: "ApiError",
      });
    });
  });
}

interface Pod {
  containers: {
    name: string;
    env?: { name: string; value: string }[];
    ports?: { containerPort: number }[];
    command?: string[];
    args?: string[];
  }[];
  volumes?: { name: string }[];
}

function podOf(object: KubeObject): Pod {
  return (object["spec"] as { template: { spec: Pod } }).template.spec;
}
