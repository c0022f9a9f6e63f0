// Changes each list of each child, with every edit and through every kind of field manager, on a real API server.
// After each change, the operator must restore the list.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { bodyFields, isOwnEntry, type FieldSet } from "../../src/api/field-set.ts";
import { textOf, type KubeObject } from "../../src/api/kube-object.ts";
import { resourceOf } from "../../src/api/resources.ts";
import { connect } from "../../src/kube/http/connect.ts";
import { ApiError } from "../../src/kube/errors.ts";
import type { Kube } from "../../src/kube/kube.ts";
import type { Manifest } from "../../src/manifests/shared/child.ts";
import { applyOverDrift } from "../../src/reconcile/drift/apply-over-drift.ts";
import { foreignItems } from "../../src/reconcile/drift/foreign-fields.ts";
import { inSync, stamped } from "../../src/reconcile/drift/in-sync.ts";
import { Interner } from "../../src/watches/interner.ts";
import { trimmedChild } from "../../src/watches/trimmed-child.ts";
import { definitions } from "../manifests/definitions.ts";
import { goldenCase } from "../manifests/golden-case.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { ownedCases } from "./owned-case.ts";

const signal = new AbortController().signal;
let plane: ControlPlane;
let kube: Kube;
beforeAll(async () => {
  plane = await startControlPlane({ controllers: "none" });
  kube = connect({ kubeconfig: plane.kubeconfig }).kube;
  const monitoring = "example/prometheus-operator-crd/monitoring.coreos.com_";
  await installDefinitions(plane, [
    await definitions("prometheusOperator", `${monitoring}servicemonitors.yaml`),
    await definitions("prometheusOperator", `${monitoring}prometheusrules.yaml`),
    await definitions("gatewayApi", "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"),
  ]);
  const namespaces = new Set(ownedCases.map((name) => goldenCase(name).cluster.metadata.namespace));
  for (const namespace of namespaces) await plane.kubectl(["create", "namespace", namespace]);
}, 900_000);
afterAll(() => plane.stop());

type Item = Record<string, unknown>;
/** A list of objects in an object: the path of the list, and the names of the keys. An atomic list has no keys. */
interface List {
  path: (string | number)[];
  keys: string[];
}

/** The edits that a user could make by hand in a list. */
const edits: Record<string, (items: readonly Item[], keys: readonly string[]) => Item[]> = {
  renamed: ([first = {}, ...rest], keys) => [{ ...first, ...others(first, keys) }, ...rest],
  added: (items, keys) => [...items, { ...items[0], ...others(items[0] ?? {}, [...keys, "name"]) }],
  doubled: (items) => [...items, { ...items[0] }],
  removed: ([, ...rest]) => rest,
  replaced: ([first = {}], keys) => [{ ...first, ...others(first, [...keys, "name"]) }],
};

function others(item: Item, keys: readonly string[]): Item {
  const change = (value: unknown) => (typeof value === "number" ? value + 1000 : `${String(value)}x`);
  return Object.fromEntries(
    keys.flatMap((key) =>
      key in item && key !== "protocol" && key !== "whenUnsatisfiable" ? [[key, change(item[key])]] : [],
    ),
  );
}

const editors = {
  kubectl: async (object: KubeObject, patch: object[]) => {
    const { plural, group } = resourceOf(object);
    const { namespace = "", name } = object.metadata;
    const resource = group === "" ? plural : `${plural}.${group}`;
    await plane.kubectl(["patch", resource, name, "-n", namespace, "--type=json", "-p", JSON.stringify(patch)]);
  },
  "our own name": async (object: KubeObject, patch: object[]) => {
    const { plural, group } = resourceOf(object);
    const { namespace = "", name } = object.metadata;
    const resource = group === "" ? plural : `${plural}.${group}`;
    const as = "--field-manager=realtime-operator";
    await plane.kubectl(["patch", resource, name, "-n", namespace, "--type=json", as, "-p", JSON.stringify(patch)]);
  },
};

describe.each(ownedCases)("lists of the case %s", (name) => {
  const { manifests } = goldenCase(name);
  const tried: string[] = [];

  test.each(Object.keys(editors) as (keyof typeof editors)[])(
    "are restored when changed by %s",
    async (editor) => {
      for (const manifest of manifests) {
        const before = await kube.apply(resourceOf(manifest), stamped(manifest));
        for (const list of listsIn(before))
          for (const [what, edit] of Object.entries(edits)) {
            const about = `${textOf(manifest)} ${list.path.join(".")} ${what}`;
            const items = listAt(before, list) as Item[];
            const value = edit(items, list.keys);
            if (JSON.stringify(value) === JSON.stringify(items)) continue;
            const patch = { op: "replace", path: `/${list.path.join("/")}`, value };
            // If the API server refuses the edit, there is no change to repair.
            const isMade = await editors[editor](before, [patch]).then(
              () => true,
              () => false,
            );
            if (!isMade) continue;
            tried.push(about);
            const after = await putRight(manifest, about);
            expect([about, contentOf(after)]).toEqual([about, contentOf(before)]);
          }
        await kube.remove(resourceOf(manifest), before);
      }
      expect(tried.length).toBeGreaterThan(10);
    },
    300_000,
  );
});

describe("a change that makes the API server refuse our apply is undone", () => {
  const { manifests, cluster } = goldenCase("two-redis");
  const { namespace } = cluster.metadata;
  const deployment = manifests.find(({ kind }) => kind === "Deployment")!;
  const service = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name.endsWith("-server"))!;
  const containers = "/spec/template/spec/containers/0";

  test.each([
    {
      when: "a variable has another kind of value",
      manifest: deployment,
      patch: [
        {
          op: "replace",
          path: `${containers}/env/0`,
          value: { name: "NODE_ENV", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        },
      ],
    },
    {
      when: "a volume is of another type",
      manifest: deployment,
      patch: [{ op: "replace", path: "/spec/template/spec/volumes/0", value: { name: "config", emptyDir: {} } }],
    },
    {
      when: "a probe is of another type",
      manifest: deployment,
      patch: [{ op: "replace", path: `${containers}/livenessProbe`, value: { tcpSocket: { port: 9090 } } }],
    },
    {
      when: "a renamed port has no field manager",
      manifest: service,
      patch: [
        { op: "replace", path: "/spec/ports/0/port", value: 5999 },
        { op: "replace", path: "/metadata/managedFields", value: [{}] },
      ],
    },
  ])("when $when", async ({ when, manifest, patch }) => {
    const before = await kube.apply(resourceOf(manifest), stamped(manifest));
    const kind = manifest.kind.toLowerCase();
    await plane.kubectl([
      "patch",
      kind,
      manifest.metadata.name,
      "-n",
      namespace,
      "--type=json",
      "-p",
      JSON.stringify(patch),
    ]);
    expect(contentOf(await putRight(manifest, when))).toEqual(contentOf(before));
  });
});

/** Applies the manifest to the changed object, as the operator does when it sees the change. */
async function putRight(manifest: Manifest, about: string): Promise<KubeObject> {
  const { namespace, name } = manifest.metadata;
  const live = (await kube.get(resourceOf(manifest), namespace, name)) as KubeObject;
  const seen = trimmedChild(live, new Interner());
  expect([about, inSync(seen, manifest)]).toEqual([about, false]);
  const { object } = await applyOverDrift(
    {
      manifest: stamped(manifest),
      wasApplied: true,
      ...(foreignItems(seen, manifest).length > 0 ? { hasForeignItems: true } : {}),
    },
    { kube, signal },
  ).catch((error: unknown) => {
    throw new Error(`${about}: ${error instanceof ApiError ? error.message : String(error)}`);
  });
  expect([about, inSync(trimmedChild(object, new Interner()), manifest)]).toEqual([about, true]);
  return object;
}

function contentOf({ metadata: _metadata, status: _status, ...body }: KubeObject): object {
  return body;
}

function listsIn(object: KubeObject): List[] {
  const own = object.metadata.managedFields?.find(isOwnEntry);
  const found: List[] = [];
  const walk = (fields: FieldSet, value: unknown, path: (string | number)[]): void => {
    if (Object.keys(fields).length === 0) {
      for (const at of atomicLists(value, path)) found.push({ path: at, keys: [] });
      return;
    }
    const keyed = Object.keys(fields).filter((field) => field.startsWith("k:"));
    if (keyed[0] !== undefined) found.push({ path, keys: Object.keys(JSON.parse(keyed[0].slice(2)) as object) });
    for (const [field, node] of Object.entries(fields)) {
      if (field === "." || field.startsWith("v:")) continue;
      const step = field.startsWith("f:") ? field.slice(2) : indexOf(value as Item[], field);
      walk(node as FieldSet, (value as Record<string | number, unknown>)[step], [...path, step]);
    }
  };
  walk(bodyFields(own ?? {}), object, []);
  return found;
}

/** The paths of the outermost lists of objects in a value that has one owner as a whole. */
function atomicLists(value: unknown, path: (string | number)[]): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.some((item) => typeof item === "object") ? [path] : [];
  return Object.entries(value).flatMap(([key, part]) => atomicLists(part, [...path, key]));
}

function indexOf(items: readonly Item[], field: string): number {
  const keys = Object.entries(JSON.parse(field.slice(2)) as Item);
  return items.findIndex((item) => keys.every(([key, wanted]) => item[key] === wanted));
}

function listAt(object: KubeObject, { path }: List): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], object);
}
