// Drift that managedFields does not show, and objects that nobody can change back: on a real API server, with a running
// operator.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { textOf, type KubeObject } from "../../src/api/kube-object.ts";
import { resources, type ChildResource } from "../../src/api/resources.ts";
import type { Ground, Running } from "./ground.ts";
import { startCluster, startWorld, type World } from "./world.ts";

let world: World;
let ground: Ground;
let operator: Running;
beforeAll(async () => {
  world = await startWorld();
  ({ ground, operator } = await startCluster(world));
}, 900_000);
afterAll(() => world.stop(), 60_000);

type Body = Record<string, Record<string, unknown>>;
interface Edit {
  what: string;
  resource: ChildResource;
  name: string;
  edit: (body: Body) => void;
}

/** The object without the fields that a user removes before writing it again. */
function copyOf({
  metadata: { labels, annotations, ownerReferences, ...metadata },
  ...object
}: KubeObject): KubeObject {
  const { status: _status, ...body } = object as Body & typeof object;
  const { name, namespace } = metadata;
  return structuredClone({
    ...body,
    metadata: { name, namespace, labels, annotations, ownerReferences },
  } as KubeObject);
}

describe("a change by server-side apply under the operator's own manager is undone", () => {
  const edits: Edit[] = [
    {
      what: "the selector",
      resource: resources.services,
      name: "chat-server",
      edit: ({ spec }) => (spec!["selector"] = { app: "other" }),
    },
    {
      what: "the live configuration",
      resource: resources.configMaps,
      name: "chat-server",
      edit: ({ data }) => (data!["config.json"] = "{}"),
    },
    {
      what: "the sources",
      resource: resources.networkPolicies,
      name: "chat-redis",
      edit: ({ spec }) => (spec!["ingress"] = [{}]),
    },
  ];
  test.each(edits)("$what of $resource.kind $name", async ({ resource, name, edit }) => {
    const before = await ground.object(resource, name);
    const copy = copyOf(before);
    edit(copy as unknown as Body);
    // With the annotation of the operator, and with all of its fields.
    await ground.kube.apply(resource, copy, { fieldManager: "realtime-operator" });
    const bodyOf = (object: KubeObject) => JSON.stringify([object["spec"], object["data"]]);
    const after = await ground.object(resource, name, (object) => bodyOf(object) === bodyOf(before));
    expect(after.metadata.uid).toBe(before.metadata.uid);
    await ground.atRest("chat", operator);
  });
});

describe("a setting that stops a controller is undone", () => {
  test.each([
    {
      what: "a paused Deployment",
      resource: resources.deployments,
      name: "chat-server",
      patch: { spec: { paused: true } },
    },
    {
      what: "a StatefulSet that replaces pods only on deletion",
      resource: resources.statefulSets,
      name: "chat-redis",
      patch: { spec: { updateStrategy: { type: "OnDelete", rollingUpdate: null } } },
    },
    {
      what: "a StatefulSet with a partition",
      resource: resources.statefulSets,
      name: "chat-redis",
      patch: { spec: { updateStrategy: { rollingUpdate: { partition: 5 } } } },
    },
    {
      what: "a StatefulSet whose pods are numbered from 5",
      resource: resources.statefulSets,
      name: "chat-redis",
      patch: { spec: { ordinals: { start: 5 } } },
    },
  ])("$what", async ({ resource, name, patch }) => {
    const before = await ground.object(resource, name);
    const { namespace } = ground;
    const changed = await ground.kube.mergePatch(resource, { namespace, name }, patch);
    expect(changed["spec"]).not.toEqual(before["spec"]);
    const isRestored = ({ spec }: KubeObject) => JSON.stringify(spec) === JSON.stringify(before["spec"]);
    await ground.object(resource, name, isRestored);
  });
});

describe("an object that another program has created with another value in a field that cannot be changed", () => {
  const recreatable: Edit[] = [
    {
      what: "no clusterIP",
      resource: resources.services,
      name: "chat-redis-nodes",
      edit: ({ spec }) => {
        delete spec!["clusterIP"];
        delete spec!["clusterIPs"];
      },
    },
    {
      what: "immutable data",
      resource: resources.configMaps,
      name: "chat-redis",
      edit: (body) => Object.assign(body, { immutable: true, data: { "redis.conf": "" } }),
    },
    {
      what: "another selector",
      resource: resources.deployments,
      name: "chat-server",
      edit: ({ spec }) => {
        spec!["selector"] = { matchLabels: { app: "x" } };
        (spec!["template"] as { metadata: object }).metadata = { labels: { app: "x" } };
      },
    },
  ];
  test.each(recreatable)("is created again: $resource.kind with $what", async ({ resource, name, edit }) => {
    const before = await ground.object(resource, name);
    await recreated(before, resource, edit);
    const wanted = managedBody(before);
    await ground.object(resource, name, (object) => JSON.stringify(managedBody(object)) === JSON.stringify(wanted));
    const { items } = await ground.kube.list(resources.events, { namespace: ground.namespace });
    const notes = items.filter(({ reason }) => reason === "ObjectRecreated").map(({ note }) => String(note));
    expect(notes.filter((note) => note.startsWith(`${textOf(before)}: deleted and created again`))).toHaveLength(1);
    await ground.condition("chat", "ConfigurationAccepted", "True");
  });

  test("stays if it is a StatefulSet, and Degraded says what to do", async () => {
    const before = await ground.object(resources.statefulSets, "chat-redis");
    await recreated(before, resources.statefulSets, ({ spec }) => (spec!["serviceName"] = "other"));
    const { message } = await ground.condition("chat", "Degraded", "True ImmutableField");
    expect(message).toContain("delete it (kubectl delete statefulset chat-redis --cascade=orphan");
    await ground.condition("chat", "ConfigurationAccepted", "True");
    const { namespace } = ground;
    await world.plane.kubectl(["delete", "statefulset", "chat-redis", "-n", namespace, "--cascade=orphan"]);
    await ground.condition("chat", "Degraded", "False");
  });
});

/** Deletes the object and creates it with an edit, before the operator can create it. */
async function recreated(before: KubeObject, resource: ChildResource, edit: (body: Body) => void): Promise<void> {
  await operator.stop();
  const copy = copyOf(before);
  edit(copy as unknown as Body);
  await ground.kube.remove(resource, before);
  await ground.kube.create(resource, copy);
  operator = ground.operator();
}

/** What the test compares of an object: its data, or the parts of its spec that it has edited. */
function managedBody(object: KubeObject): unknown {
  const { clusterIP, selector } = (object["spec"] ?? {}) as Record<string, unknown>;
  return [object["data"], object["immutable"], selector, clusterIP === "None"];
}
