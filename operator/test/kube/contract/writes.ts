import { describe, expect, test } from "@jest/globals";
import { resources } from "../../../src/api/resources.ts";
import { leases } from "../../../src/kube/lease.ts";
import { configMap, gadget, gadgets, type Ground } from "./ground.ts";

const { configMaps } = resources;

export function writeContract(ground: Ground): void {
  describe("creating, replacing, patching", () => {
    test("create adds uid and version, and refuses a second object of that name", async () => {
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

    test("refuses an unknown field", async () => {
      await expect(ground.kube.create(configMaps, { ...configMap(ground, "a", {}), dta: {} })).rejects.toMatchObject({
        status: 400,
        reason: "BadRequest",
        message: expect.stringContaining("dta"),
      });
      expect(await ground.kube.get(configMaps, ground.namespace, "a")).toBeUndefined();
    });

    test("throws a 404 when the namespace does not exist", async () => {
      const stray = { ...configMap(ground, "a", {}), metadata: { name: "a", namespace: "nowhere" } };
      await expect(ground.kube.create(configMaps, stray)).rejects.toMatchObject({ status: 404 });
      await expect(ground.kube.apply(configMaps, stray)).rejects.toMatchObject({ status: 404 });
    });

    test("replace succeeds once with the stored resourceVersion", async () => {
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

    test("replace recreates a deleted Lease unless it names the uid", async () => {
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

    test("replace refuses an object that was recreated", async () => {
      const first = await ground.kube.create(configMaps, configMap(ground, "a", {}));
      await ground.kube.remove(configMaps, first);
      await ground.kube.create(configMaps, configMap(ground, "a", {}));
      await expect(ground.kube.replace(configMaps, first)).rejects.toMatchObject({ status: 409, reason: "Conflict" });
    });

    test("replace keeps the status and increments the generation only for the rest", async () => {
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

    test("mergePatch changes the given fields, removes null ones and keeps the rest", async () => {
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1", y: "2" }));
      const patched = await ground.kube.mergePatch(
        configMaps,
        { namespace: ground.namespace, name: "a" },
        {
          metadata: { annotations: { cost: "5" } },
          data: { y: null },
        },
      );
      expect(patched).toMatchObject({ data: { x: "1" }, metadata: { annotations: { cost: "5" } } });
      expect(patched["data"]).toEqual({ x: "1" });
      const again = await ground.kube.mergePatch(
        configMaps,
        { namespace: ground.namespace, name: "a" },
        {
          metadata: { annotations: { cost: "5" } },
        },
      );
      expect(again.metadata.resourceVersion).toBe(patched.metadata.resourceVersion);
      await expect(
        ground.kube.mergePatch(configMaps, { namespace: ground.namespace, name: "none" }, {}),
      ).rejects.toMatchObject({
        status: 404,
      });
    });
  });
}
