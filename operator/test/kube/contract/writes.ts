import { describe, expect, test } from "@jest/globals";
import { resources } from "../../../src/api/resources.ts";
import { leases } from "../../../src/kube/lease.ts";
import { configMap, gadget, gadgets, type Ground } from "./ground.ts";

const { configMaps } = resources;

export function writeContract(ground: Ground): void {
  describe("creating, replacing, patching", () => {
    test("what was created is stamped, and a second one of the name is refused", async () => {
      const created = await ground.kube.create(configMaps, configMap(ground, "a", { x: "1" }));
      expect(created).toMatchObject({
        metadata: {
          name: "a",
          uid: expect.any(String),
          resourceVersion: expect.any(String),
          creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
      });
      expect(created.metadata.generation).toBeUndefined();
      expect(created.metadata.managedFields).toMatchObject([
        { manager: "realtime-operator", operation: "Update", fieldsV1: { "f:data": { "f:x": {} } } },
      ]);
      await expect(ground.kube.create(configMaps, configMap(ground, "a", { x: "2" }))).rejects.toMatchObject({
        name: "ApiError",
        status: 409,
        reason: "AlreadyExists",
      });
    });

    test("an unknown field is refused", async () => {
      await expect(ground.kube.create(configMaps, { ...configMap(ground, "a", {}), dta: {} })).rejects.toMatchObject({
        status: 400,
        reason: "BadRequest",
        message: expect.stringContaining("dta"),
      });
      expect(await ground.kube.get(configMaps, ground.namespace, "a")).toBeUndefined();
    });

    test("a namespace that does not exist is a 404", async () => {
      const stray = { ...configMap(ground, "a", {}), metadata: { name: "a", namespace: "nowhere" } };
      await expect(ground.kube.create(configMaps, stray)).rejects.toMatchObject({ status: 404 });
      await expect(ground.kube.apply(configMaps, stray)).rejects.toMatchObject({ status: 404 });
    });

    test("a replacement with the stored resourceVersion wins once", async () => {
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "leader", namespace: ground.namespace },
      };
      const created = await ground.kube.create(leases, { ...lease, spec: { holderIdentity: "a" } });
      const renewed = await ground.kube.replace(leases, { ...created, spec: { holderIdentity: "b" } });
      expect(renewed["spec"]).toMatchObject({ holderIdentity: "b" });
      expect(renewed.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion);
      await expect(ground.kube.replace(leases, { ...created, spec: { holderIdentity: "c" } })).rejects.toMatchObject({
        status: 409,
        reason: "Conflict",
      });
      await expect(
        ground.kube.replace(leases, { ...created, metadata: { ...created.metadata, name: "none" } }),
      ).rejects.toMatchObject({ status: 409, reason: "Conflict" });
      await expect(ground.kube.replace(configMaps, configMap(ground, "none", {}))).rejects.toMatchObject({
        status: 404,
      });
    });

    test("a replacement of a Lease that is gone makes a new one, unless it names the uid", async () => {
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "leader", namespace: ground.namespace },
        spec: { holderIdentity: "a" },
      };
      const first = await ground.kube.create(leases, lease);
      await ground.kube.remove(leases, first);
      await expect(ground.kube.replace(leases, first)).rejects.toMatchObject({ status: 409, reason: "Conflict" });
      const second = await ground.kube.replace(leases, {
        ...lease,
        metadata: { ...lease.metadata, resourceVersion: first.metadata.resourceVersion ?? "" },
      });
      expect(second.metadata.uid).not.toBe(first.metadata.uid);
      await expect(
        ground.kube.replace(leases, {
          ...lease,
          metadata: { ...lease.metadata, resourceVersion: first.metadata.resourceVersion ?? "" },
        }),
      ).rejects.toMatchObject({ status: 409 });
    });

    test("a replacement of what was deleted and made again under its name is refused", async () => {
      const first = await ground.kube.create(configMaps, configMap(ground, "a", {}));
      await ground.kube.remove(configMaps, first);
      await ground.kube.create(configMaps, configMap(ground, "a", {}));
      await expect(ground.kube.replace(configMaps, first)).rejects.toMatchObject({ status: 409, reason: "Conflict" });
    });

    test("a replacement keeps the status, and counts a generation for the rest only", async () => {
      const created = await ground.kube.create(
        gadgets,
        gadget(ground, "a", { spec: { size: 1 }, status: { ready: true } }),
      );
      expect(created.metadata.generation).toBe(1);
      expect(created["status"]).toBeUndefined();
      const reported = await ground.kube.apply(gadgets, gadget(ground, "a", { status: { ready: true } }), {
        subresource: "status",
      });
      const replaced = await ground.kube.replace(gadgets, { ...reported, spec: { size: 2 }, status: { ready: false } });
      expect(replaced).toMatchObject({ spec: { size: 2 }, status: { ready: true }, metadata: { generation: 2 } });
    });

    test("a merge patch changes what it names, removes what it sets to null and leaves the rest", async () => {
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1", y: "2" }));
      const patched = await ground.kube.mergePatch(configMaps, ground.namespace, "a", {
        metadata: { annotations: { cost: "5" } },
        data: { y: null },
      });
      expect(patched).toMatchObject({ data: { x: "1" }, metadata: { annotations: { cost: "5" } } });
      expect(patched["data"]).toEqual({ x: "1" });
      const again = await ground.kube.mergePatch(configMaps, ground.namespace, "a", {
        metadata: { annotations: { cost: "5" } },
      });
      expect(again.metadata.resourceVersion).toBe(patched.metadata.resourceVersion);
      await expect(ground.kube.mergePatch(configMaps, ground.namespace, "none", {})).rejects.toMatchObject({
        status: 404,
      });
    });
  });
}
