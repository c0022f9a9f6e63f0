// inSync() depends on the managedFields that a real API server writes. Unit tests use a copy of them in testdata. This
// test compares the copy with what a real API server writes now. UPDATE_GOLDEN=1 replaces the copy.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { resourceOf } from "../../src/api/resources.ts";
import { connect } from "../../src/kube/http/connect.ts";
import { fieldManager, type Kube } from "../../src/kube/kube.ts";
import { inSync } from "../../src/reconcile/drift/in-sync.ts";
import { Interner } from "../../src/watches/interner.ts";
import { trimmedChild } from "../../src/watches/trimmed-child.ts";
import { definitions } from "../manifests/definitions.ts";
import { goldenCase } from "../manifests/golden-case.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { appliedManifests, ownedCases, ownedFile, type OwnedFields } from "./owned-case.ts";
import { textOf } from "../../src/api/kube-object.ts";

let plane: ControlPlane;
let kube: Kube;
beforeAll(async () => {
  plane = await startControlPlane({ controllers: "none" });
  kube = connect({ kubeconfig: plane.kubeconfig }).kube;
  const monitoring = "example/prometheus-operator-crd/monitoring.coreos.com_";
  const files = [
    await definitions("prometheusOperator", `${monitoring}servicemonitors.yaml`),
    await definitions("prometheusOperator", `${monitoring}prometheusrules.yaml`),
    await definitions("gatewayApi", "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"),
  ];
  await installDefinitions(plane, files);
}, 900_000);
afterAll(() => plane.stop());

test.each(ownedCases)(
  "%s: an applied object is in sync on a real API server, and its managedFields equal those of testdata",
  async (name) => {
    const namespace = goldenCase(name).cluster.metadata.namespace;
    if (!(await plane.kubectl(["get", "namespaces", "-o", "name"])).includes(`namespace/${namespace}\n`))
      await plane.kubectl(["create", "namespace", namespace]);
    const { manifests } = goldenCase(name);
    const owned: OwnedFields = {};
    for (const [index, manifest] of appliedManifests(name).entries()) {
      const stored = await kube.apply(resourceOf(manifest), manifest);
      owned[textOf(manifest)] =
        stored.metadata.managedFields?.find(
          ({ manager, operation }) => manager === fieldManager && operation === "Apply",
        )?.fieldsV1 ?? {};
      expect([textOf(manifest), inSync(trimmedChild(stored, new Interner()), manifests[index]!)]).toEqual([
        textOf(manifest),
        true,
      ]);
      await kube.remove(resourceOf(manifest), stored);
    }
    const text = `${JSON.stringify(owned, undefined, 1)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(ownedFile(name), text);
    expect(existsSync(ownedFile(name)) ? readFileSync(ownedFile(name), "utf8") : "").toBe(text);
  },
  60_000,
);
