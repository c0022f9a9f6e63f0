import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { claimManifest } from "../../src/manifests/redis/redis-volume-claims.ts";
import { inSync, stamped } from "../../src/reconcile/drift/in-sync.ts";
import { routeRuleFields } from "../../src/manifests/exposure/route-rule-fields.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { definitions } from "./definitions.ts";
import { goldenCase, goldenCases } from "./golden-case.ts";

// KEDA's CRDs are in no Go module. So the dry run leaves out its kind, and only the golden files check it.
const unknownKinds = ["ScaledObject"];
const persistent = ["gateway-persistence", "gateway-persistence-next"];

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ controllers: "none" });
  const files = [
    await definitions(
      "prometheusOperator",
      "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
    await definitions(
      "prometheusOperator",
      "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
    await definitions("gatewayApi", "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"),
  ];
  await installDefinitions(plane, files);
  for (const name of new Set(goldenCases.map(({ cluster }) => cluster.metadata.namespace)))
    await plane.kubectl(["create", "namespace", name]);
}, 900_000);
afterAll(() => plane.stop());

/**
 * Applies all objects with one kubectl command, by server-side apply. kubectl fails if the API server refuses one of
 * them.
 */
function apply(objects: readonly KubeObject[], dryRun: "server" | "none", output = ""): Promise<string> {
  const list = { apiVersion: "v1", kind: "List", items: objects.filter(({ kind }) => !unknownKinds.includes(kind)) };
  const args = [
    "apply",
    "--server-side",
    "--force-conflicts",
    "--field-manager=realtime-operator",
    `--dry-run=${dryRun}`,
    "--validate=strict",
    "-o",
    output,
    "-f",
    "-",
  ];
  return plane.kubectl(args, { input: JSON.stringify(list) });
}

function dryRun(objects: readonly KubeObject[]): Promise<string> {
  return apply(objects, "server");
}

async function installedRouteFields(): Promise<ReadonlySet<string>> {
  return routeRuleFields(
    JSON.parse(await plane.kubectl(["get", "--raw=/openapi/v3/apis/gateway.networking.k8s.io/v1"])),
  );
}

test.each(goldenCases.filter(({ name }) => !persistent.includes(name)))(
  "$name: a real API server accepts every manifest strictly",
  async ({ manifests }) => {
    const lines = (await dryRun(manifests)).trim().split("\n");
    expect(lines).toHaveLength(manifests.filter(({ kind }) => !unknownKinds.includes(kind)).length);
    for (const line of lines) expect(line).toMatch(/serverside-applied \(server dry run\)$/);
  },
);

// Claim templates are immutable, so they must not differ: the operator keeps the existing size (Inputs.claimStorage),
// and the schema does not allow another StorageClass.
test("a cluster can change from any case to the next and back without an edit of an immutable field", async () => {
  const cases = goldenCases.filter(
    ({ name, cluster }) => cluster.metadata.name === "chat" && !persistent.includes(name),
  );
  for (const { name, manifests } of [...cases, ...cases.toReversed()]) {
    const objects = manifests.filter(({ kind }) => name !== "everything" || kind !== "StatefulSet");
    await apply(objects, "none").catch((cause: unknown) => {
      throw new Error(`turning into ${name}`, { cause });
    });
  }
}, 60_000);

test.each(["everything", "gateway", "issuers", "no-redis", "two-redis", "polling-gke", "pod-patch", "long-names"])(
  "%s: a second apply changes nothing and sends no event",
  async (name) => {
    const objects = goldenCase(name).manifests.filter(({ kind }) => name !== "everything" || kind !== "StatefulSet");
    const versions = async () => {
      const { items } = JSON.parse(await apply(objects, "none", "json")) as { items: KubeObject[] };
      return items.map(({ kind, metadata }) => [kind, metadata.name, metadata.resourceVersion]);
    };
    expect(await versions()).toEqual(await versions());
  },
);

test("applies labels and annotations to a claim without creating it, and is in sync afterwards", async () => {
  const { cluster, manifests } = goldenCase("labels");
  const { volumeClaimTemplates } = manifests.find(({ kind }) => kind === "StatefulSet")?.["spec"] as {
    volumeClaimTemplates: [KubeObject];
  };
  const { name, namespace } = { name: "data-labelled-redis-0", namespace: "apps" };
  const made = { ...volumeClaimTemplates[0], metadata: { name, namespace } };
  await plane.kubectl(["create", "-f", "-"], { input: JSON.stringify(made) });
  const stored = async () =>
    JSON.parse(
      await plane.kubectl(["get", "pvc", name, "-n", namespace, "-o", "json", "--show-managed-fields"]),
    ) as KubeObject;
  const manifest = claimManifest(cluster, name);
  expect(inSync(await stored(), manifest)).toBe(false);
  await apply([stamped(manifest)], "none");
  const after = await stored();
  expect(after.metadata).toMatchObject({ labels: { team: "web" }, annotations: manifest.metadata.annotations });
  expect(inSync(after, manifest)).toBe(true);
});

test("a strict apply refuses a field that the schema lacks", async () => {
  const [secret] = goldenCase("minimal").manifests;
  await expect(dryRun([{ ...secret, spelt: "wrong" } as unknown as KubeObject])).rejects.toThrow(
    /unknown field "spelt"/,
  );
});

describe("session persistence of Gateway API", () => {
  test("is not rendered with the standard channel, which lacks it", async () => {
    const fields = await installedRouteFields();
    expect([...fields]).toEqual(expect.arrayContaining(["matches", "backendRefs", "timeouts"]));
    expect([...fields].filter((field) => field.startsWith("sessionPersistence"))).toEqual([]);
    await expect(dryRun(goldenCase("gateway-persistence").shown)).rejects.toThrow(/sessionPersistence/);
  });

  test("is accepted in the form of the installed schema, and refused in the other", async () => {
    await plane.kubectl([
      "apply",
      "--server-side",
      "-f",
      await definitions("gatewayApi", "config/crd/experimental/gateway.networking.k8s.io_httproutes.yaml"),
    ]);
    const fields = await until(
      "the API server to know the field",
      async () => {
        const now = await installedRouteFields();
        return now.has("sessionPersistence") && now;
      },
      30_000,
    );
    expect([...fields].filter((field) => field.startsWith("sessionPersistence."))).toEqual(
      expect.arrayContaining(["sessionPersistence.sessionName", "sessionPersistence.cookieConfig"]),
    );
    await dryRun(goldenCase("gateway-persistence").shown);
    await expect(dryRun(goldenCase("gateway-persistence-next").shown)).rejects.toThrow(/unknown field "cookie"/);
  });
});
