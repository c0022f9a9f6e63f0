// Applies the operator's manifests to the fake and to a real kube-apiserver, and compares the fields that the operator
// owns. A real server reads from schemas how to merge a list. The fake has a small table for this
// (fake-kube/list-shapes.ts, served-kinds.ts).
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { optionalResources, resourceOf } from "../../src/api/resources.ts";
import { connect } from "../../src/kube/http/connect.ts";
import { ApiError } from "../../src/kube/errors.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { namespaces } from "../../../testkit/fake-kube/served-kinds.ts";
import type { Kube } from "../../src/kube/kube.ts";
import { goldenCases } from "../manifests/golden-case.ts";

// All cases have the same name, so that each case is an edit of the one before.
const cases = goldenCases.filter(({ cluster }) => cluster.metadata.name === "chat");
const optional = new Set<object>(optionalResources);

let plane: ControlPlane;
let real: Kube;
const fake = new FakeKube({ namespaces: [...new Set(cases.map(({ cluster }) => cluster.metadata.namespace))] });
beforeAll(async () => {
  plane = await startControlPlane({ controllers: "none" });
  real = connect({ kubeconfig: plane.kubeconfig }).kube;
  for (const name of new Set(cases.map(({ cluster }) => cluster.metadata.namespace)))
    await real.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
}, 900_000);
afterAll(() => plane.stop());

test("has the same fields, generations and values on both after every change", async () => {
  let compared = 0;
  for (const { name, manifests } of [...cases, ...cases.toReversed()]) {
    for (const manifest of manifests.filter((candidate) => !optional.has(resourceOf(candidate)))) {
      const what = `${name}: ${manifest.kind} ${manifest.metadata.name}`;
      const applied = await real.apply(resourceOf(manifest), manifest).catch((error: unknown) => error as Error);
      // The real server refuses the StatefulSet because a claim template is immutable. This is no error: the operator
      // would keep the existing template.
      if (manifest.kind === "StatefulSet" && applied instanceof ApiError && applied.reason === "Invalid") continue;
      if (applied instanceof Error) throw new Error(what, { cause: applied });
      const pretended = await fake.apply(resourceOf(manifest), manifest);
      expect({ what, ...aboutUs(pretended) }).toEqual({ what, ...aboutUs(applied) });
      expect({ what, ...valueOf(applied) }).toMatchObject({ what, ...valueOf(pretended) });
      const again = await real.apply(resourceOf(manifest), manifest);
      expect({ what, resourceVersion: again.metadata.resourceVersion }).toEqual({
        what,
        resourceVersion: applied.metadata.resourceVersion,
      });
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(100);
}, 120_000);

function aboutUs({ metadata }: KubeObject) {
  return {
    generation: metadata.generation,
    ours: metadata.managedFields?.find(
      ({ manager, operation }) => manager === "realtime-operator" && operation === "Apply",
    )?.fieldsV1,
  };
}

/**
 * The parts of an object that are equal on both servers. A real server rewrites quantities, and leaves out empty lists
 * and `paused: false` of built-in kinds.
 */
function valueOf({ metadata, ...rest }: KubeObject): object {
  const { labels, annotations, ownerReferences } = metadata;
  const alike = (key: string, value: unknown) =>
    /^(cpu|memory|storage|averageValue)$/.test(key) && typeof value !== "object"
      ? "a quantity"
      : (Array.isArray(value) && value.length === 0) || (key === "paused" && value === false)
        ? undefined
        : value;
  return JSON.parse(JSON.stringify({ ...rest, labels, annotations, ownerReferences }, alike)) as object;
}
