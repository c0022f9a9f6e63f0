import { describe, expect, test } from "@jest/globals";
import { until } from "../../../../testkit/until.ts";
import type { KubeObject } from "../../../src/api/kube-object.ts";
import { resources } from "../../../src/api/resources.ts";
import { namespaces } from "../../../../testkit/fake-kube/served-kinds.ts";
import { configMap, gadget, gadgets, type Ground } from "./ground.ts";

const { configMaps } = resources;

export function deletionContract(ground: Ground): void {
  const exists = async (name: string) => (await ground.kube.get(configMaps, ground.namespace, name)) !== undefined;
  const ownedBy = ({ metadata }: KubeObject) => ({
    ownerReferences: [
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        name: metadata.name,
        uid: metadata.uid ?? "",
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  });

  // The garbage collector finds new kinds only every 30 s, so owners in these tests have a built-in kind.
  describe("deleting", () => {
    test("removes the given object once", async () => {
      const first = await ground.kube.apply(configMaps, configMap(ground, "a", {}));
      expect(await ground.kube.remove(configMaps, first)).toBe(true);
      expect(await ground.kube.remove(configMaps, first)).toBe(false);
      await ground.kube.apply(configMaps, configMap(ground, "a", {}));
      expect(await ground.kube.remove(configMaps, first)).toBe(false);
      expect(await exists("a")).toBe(true);
    });

    test("returns false when the kind is not served", async () => {
      const stray = gadget(ground, "a", {}, { uid: "none" });
      expect(await ground.kube.remove({ ...gadgets, group: "nobody.example" }, stray)).toBe(false);
    });

    test("waits for finalizers", async () => {
      const held = await ground.kube.apply(
        gadgets,
        gadget(ground, "a", { spec: { size: 1 } }, { finalizers: ["contract.example/hold"] }),
      );
      expect(await ground.kube.remove(gadgets, held)).toBe(true);
      const ending = await ground.kube.get(gadgets, ground.namespace, "a");
      expect(ending?.metadata).toMatchObject({
        uid: held.metadata.uid,
        deletionTimestamp: expect.any(String),
        finalizers: ["contract.example/hold"],
        generation: 2,
      });
      expect(await ground.kube.remove(gadgets, held)).toBe(true);
      await ground.kube.apply(gadgets, gadget(ground, "a", { spec: { size: 1 } }));
      expect(await ground.kube.get(gadgets, ground.namespace, "a")).toBeUndefined();
    });

    test("deletes what the owner owns and nothing of another uid", async () => {
      const owner = await ground.kube.apply(configMaps, configMap(ground, "owner", {}));
      await ground.kube.apply(configMaps, configMap(ground, "owned", {}, ownedBy(owner)));
      await ground.kube.apply(configMaps, configMap(ground, "free", {}));
      await ground.kube.remove(configMaps, owner);
      ground.settle();
      await until("the owned object to be collected", async () => !(await exists("owned")), 30_000);
      expect(await exists("free")).toBe(true);
    }, 40_000);

    test("deletes the owner last in the foreground", async () => {
      const owner = await ground.kube.apply(configMaps, configMap(ground, "owner", {}));
      await ground.kube.apply(
        configMaps,
        configMap(ground, "owned", {}, { ...ownedBy(owner), finalizers: ["contract.example/hold"] }),
      );
      await ground.kube.remove(configMaps, owner, { propagation: "Foreground" });
      ground.settle();
      await until(
        "the owned object to be deleted",
        async () =>
          (await ground.kube.get(configMaps, ground.namespace, "owned"))?.metadata.deletionTimestamp !== undefined,
        30_000,
      );
      expect((await ground.kube.get(configMaps, ground.namespace, "owner"))?.metadata.finalizers).toContain(
        "foregroundDeletion",
      );
      await ground.kube.apply(configMaps, configMap(ground, "owned", {}, ownedBy(owner)));
      ground.settle();
      await until(
        "the owner to be gone",
        async () => (await ground.kube.get(configMaps, ground.namespace, "owner")) === undefined,
        30_000,
      );
    }, 70_000);

    test("an orphan outlives its owner and loses the reference", async () => {
      const owner = await ground.kube.apply(configMaps, configMap(ground, "owner", {}));
      await ground.kube.apply(configMaps, configMap(ground, "owned", {}, ownedBy(owner)));
      await ground.kube.remove(configMaps, owner, { propagation: "Orphan" });
      ground.settle();
      await until(
        "the owner to be gone",
        async () => (await ground.kube.get(configMaps, ground.namespace, "owner")) === undefined,
        30_000,
      );
      expect((await ground.kube.get(configMaps, ground.namespace, "owned"))?.metadata.ownerReferences ?? []).toEqual(
        [],
      );
    }, 40_000);

    test("a terminating namespace refuses new objects with its cause", async () => {
      await ground.kube.apply(configMaps, configMap(ground, "held", {}, { finalizers: ["contract.example/hold"] }));
      const home = (await ground.kube.get(namespaces, undefined, ground.namespace)) as KubeObject;
      expect(await ground.kube.remove(namespaces, home)).toBe(true);
      await expect(ground.kube.apply(configMaps, configMap(ground, "late", {}))).rejects.toMatchObject({
        status: 403,
        reason: "Forbidden",
        causes: [expect.objectContaining({ reason: "NamespaceTerminating" })],
      });
      await ground.kube.apply(configMaps, configMap(ground, "held", {}));
      ground.settle();
      await until(
        "the namespace to be gone",
        async () => (await ground.kube.get(namespaces, undefined, ground.namespace)) === undefined,
        60_000,
      );
    }, 70_000);
  });
}
