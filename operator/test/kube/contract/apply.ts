import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/api/kube-object.ts";
import { resources } from "../../../src/api/resources.ts";
import { configMap, deployment, type Ground } from "./ground.ts";

const { configMaps, deployments } = resources;
const theirs = { fieldManager: "somebody-else" };

export function applyContract(ground: Ground): void {
  const stored = async (name: string) => (await ground.kube.get(configMaps, ground.namespace, name)) as KubeObject;

  describe("server-side apply", () => {
    test("creates the object and records our fields in managedFields", async () => {
      const applied = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }, { labels: { l: "1" } }));
      expect(applied).toEqual(await stored("a"));
      expect(applied.metadata.managedFields).toEqual([
        {
          manager: "realtime-operator",
          operation: "Apply",
          apiVersion: "v1",
          fieldsType: "FieldsV1",
          time: expect.stringMatching(/Z$/),
          fieldsV1: { "f:data": { "f:x": {} }, "f:metadata": { "f:labels": { "f:l": {} } } },
        },
      ]);
    });

    test("the same apply again changes nothing, not even the time in managedFields", async () => {
      const first = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }));
      expect(await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }))).toEqual(first);
    });

    test("removes a field left out of a later apply, with the map or list it empties", async () => {
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1", y: "2" }, { labels: { l: "1" } }));
      const later = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }));
      expect(later["data"]).toEqual({ x: "1" });
      expect(later.metadata.labels).toBeUndefined();
      expect(later.metadata.managedFields).toMatchObject([{ fieldsV1: { "f:data": { "f:x": {} } } }]);
    });

    test("keeps the fields of other managers", async () => {
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }));
      await ground.kube.apply(configMaps, configMap(ground, "a", { y: "2" }, { annotations: { by: "them" } }), theirs);
      await ground.kube.mergePatch(configMaps, { namespace: ground.namespace, name: "a" }, { data: { z: "3" } });
      const again = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "5" }));
      expect(again).toMatchObject({ data: { x: "5", y: "2", z: "3" }, metadata: { annotations: { by: "them" } } });
      expect((await ground.kube.apply(configMaps, configMap(ground, "a", {})))["data"]).toEqual({ y: "2", z: "3" });
    });

    test("another value takes a field over; the same value shares it", async () => {
      await ground.kube.apply(configMaps, configMap(ground, "a", { x: "theirs", y: "both" }), theirs);
      const taken = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "ours", y: "both" }));
      expect(fieldsByManager(taken)).toEqual({
        "realtime-operator Apply": { "f:data": { "f:x": {}, "f:y": {} } },
        "somebody-else Apply": { "f:data": { "f:y": {} } },
      });
      const dropped = await ground.kube.apply(configMaps, configMap(ground, "a", {}));
      expect(dropped["data"]).toEqual({ y: "both" });
      expect(fieldsByManager(dropped)).toEqual({
        "realtime-operator Apply": { "f:data": {} },
        "somebody-else Apply": { "f:data": { "f:y": {} } },
      });
    });

    test("an update by another manager takes the changed field, and our next apply takes it back", async () => {
      const first = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1", y: "2" }));
      const drifted = await ground.kube.mergePatch(
        configMaps,
        { namespace: ground.namespace, name: "a" },
        { data: { x: "drift" } },
      );
      expect(fieldsByManager(drifted)).toEqual({
        "realtime-operator Apply": { "f:data": { "f:y": {} } },
        "realtime-operator Update": { "f:data": { "f:x": {} } },
      });
      const back = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1", y: "2" }));
      expect(fieldsByManager(back)).toEqual(fieldsByManager(first));
      expect(back["data"]).toEqual({ x: "1", y: "2" });
    });

    test("items of keyed lists belong to the managers that applied them", async () => {
      const ours = (env: object[]) =>
        deployment(ground, "a", {
          containers: [{ name: "main", image: "i:1", env, ports: [{ containerPort: 80 }] }],
          volumes: [{ name: "v", emptyDir: {} }],
        });
      await ground.kube.apply(
        deployments,
        ours([
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ]),
      );
      const injected = {
        containers: [
          { name: "main", env: [{ name: "THEIRS", value: "x" }], ports: [{ containerPort: 443 }] },
          { name: "sidecar", image: "s:1" },
        ],
        volumes: [{ name: "w", emptyDir: {} }],
      };
      await ground.kube.apply(deployments, deployment(ground, "a", injected), theirs);
      const later = await ground.kube.apply(deployments, ours([{ name: "B", value: "3" }]));
      const { containers, volumes } = podOf(later);
      expect(containers.map(({ name }) => name).sort()).toEqual(["main", "sidecar"]);
      const main = containers.find(({ name }) => name === "main");
      expect([...(main?.env ?? [])].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
        { name: "B", value: "3" },
        { name: "THEIRS", value: "x" },
      ]);
      expect(main?.ports?.map(({ containerPort }) => containerPort).sort()).toEqual([443, 80]);
      expect(volumes?.map(({ name }) => name).sort()).toEqual(["v", "w"]);
    });

    test("removes an item left out, except for the fields other managers own", async () => {
      const container = (name: string, more: object = {}) => ({ name, image: "i:1", ...more });
      await ground.kube.apply(
        deployments,
        deployment(ground, "a", {
          containers: [container("main"), container("gone"), container("shared", { command: ["run"] })],
        }),
      );
      await ground.kube.apply(
        deployments,
        deployment(ground, "a", { containers: [{ name: "shared", image: "i:1" }] }),
        theirs,
      );
      const later = await ground.kube.apply(deployments, deployment(ground, "a", { containers: [container("main")] }));
      const { containers } = podOf(later);
      expect(containers.map(({ name }) => name).sort()).toEqual(["main", "shared"]);
      expect(containers.find(({ name }) => name === "shared")?.command).toBeUndefined();
    });

    test("orders items as the last apply, with the items of others in place", async () => {
      const env = (...names: string[]) =>
        deployment(ground, "a", {
          containers: [{ name: "main", image: "i:1", env: names.map((name) => ({ name, value: "1" })) }],
        });
      const order = (object: KubeObject) =>
        podOf(object)
          .containers[0]?.env?.map(({ name }) => name)
          .join(" ");
      await ground.kube.apply(deployments, env("A", "B", "C"));
      expect(order(await ground.kube.apply(deployments, env("X", "B", "Y"), theirs))).toBe("A X B C Y");
      expect(order(await ground.kube.apply(deployments, env("C", "N", "A", "B")))).toBe("X C Y N A B");
      expect(order(await ground.kube.apply(deployments, env("N", "B")))).toBe("X Y N B");
    });

    // Create the owners first: the garbage collector would delete an object whose owners do not exist.
    test("merges owner references by uid, each as a whole", async () => {
      const made = await Promise.all(
        ["one", "two"].map((name) => ground.kube.apply(configMaps, configMap(ground, name, {}))),
      );
      const [one = "", two = ""] = made.map(({ metadata }) => metadata.uid);
      const owned = (name: string, uid: string, controller = false) =>
        configMap(
          ground,
          "a",
          { x: "1" },
          { ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name, uid, controller }] },
        );
      const ours = await ground.kube.apply(configMaps, owned("one", one));
      expect(ours.metadata.managedFields).toMatchObject([
        { fieldsV1: { "f:metadata": { "f:ownerReferences": { [`k:{"uid":"${one}"}`]: {} } } } },
      ]);
      await ground.kube.apply(configMaps, owned("two", two), theirs);
      const dropped = await ground.kube.apply(configMaps, configMap(ground, "a", { x: "1" }));
      expect(dropped.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([two]);
      await ground.kube.apply(configMaps, owned("two", two));
      const taken = await ground.kube.apply(configMaps, owned("two", two, true), theirs);
      expect(fieldsByManager(taken)["realtime-operator Apply"]).toEqual({ "f:data": { "f:x": {} } });
    });
  });
}

function fieldsByManager({ metadata }: KubeObject): Record<string, unknown> {
  return Object.fromEntries(
    (metadata.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => [`${manager} ${operation}`, fieldsV1]),
  );
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
