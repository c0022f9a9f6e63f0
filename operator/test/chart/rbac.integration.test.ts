import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import { definitions } from "../manifests/definitions.ts";
import { goldenCase } from "../manifests/golden-case.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { chartCaseNames, installHelm, objectsOf, render } from "./helm.ts";

let plane: ControlPlane;
beforeAll(async () => {
  await installHelm();
  plane = await startControlPlane({ controllers: "none" });
  const folder = "example/prometheus-operator-crd/monitoring.coreos.com_";
  await installDefinitions(plane, [
    await definitions("prometheusOperator", `${folder}servicemonitors.yaml`),
    await definitions("prometheusOperator", `${folder}prometheusrules.yaml`),
  ]);
  for (const name of ["realtime-system", "apps", "team-a", "team-b"])
    await plane.kubectl(["create", "namespace", name]);
  // helm's server-side dry run creates no ServiceAccount. The API server refuses the chart's test pod without one, so
  // create them first.
  for (const name of ["realtime-realtime-operator", "own"])
    await plane.kubectl(["create", "serviceaccount", name, "-n", "realtime-system"]);
}, 900_000);
afterAll(() => plane.stop());

/** `kubectl auth can-i` exits with 1 when the answer is "no". Any other output is an error of the test. */
function noOf(error: Error): string {
  const [, ...said] = error.message.split("\n");
  if (said.every((line) => line === "no" || line.startsWith("Warning:"))) return "no";
  throw error;
}

async function install(caseName: string, dryRun: "server" | "none"): Promise<void> {
  const input = await render(caseName);
  await plane.kubectl(["apply", "--server-side", `--dry-run=${dryRun}`, "--validate=strict", "-f", "-"], { input });
}

test.each(chartCaseNames)("%s: a real API server accepts every object strictly", async (name) => {
  await install(name, "server");
});

describe("the ServiceAccount of a cluster-wide installation", () => {
  const account = "system:serviceaccount:realtime-system:realtime-realtime-operator";
  const can = async (verb: string, resource: string, namespace = "apps"): Promise<string> =>
    (
      await plane.kubectl(["auth", "can-i", verb, resource, `--as=${account}`, "--namespace", namespace]).catch(noOf)
    ).trim();
  beforeAll(async () => {
    await install("default", "none");
    // The API server reads new roles through its own watch, so they take effect a moment after they are created.
    await until(
      "the roles to be in force",
      async () =>
        (await can("delete", "deployments")) === "yes" &&
        (await can("create", "leases.coordination.k8s.io", "realtime-system")) === "yes",
      30_000,
    );
  });

  test("may apply everything a cluster consists of, in any namespace", async () => {
    const { manifests } = goldenCase("everything");
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests });
    await plane.kubectl(["apply", "--server-side", "--field-manager=realtime-operator", `--as=${account}`, "-f", "-"], {
      input,
    });
    for (const kind of new Set(manifests.map(({ kind }) => kind)))
      expect([kind, await can("delete", kind)]).toEqual([kind, kind === "Secret" ? "no" : "yes"]);
  }, 60_000);

  test.each([
    ["delete", "secrets"],
    ["delete", "persistentvolumeclaims"],
    ["create", "pods"],
    ["create", "pods/exec"],
    ["delete", "pods"],
    ["update", "realtimeclusters.realtime.dev"],
    ["patch", "realtimeclusters.realtime.dev"],
    ["list", "nodes"],
    ["create", "roles.rbac.authorization.k8s.io"],
    ["impersonate", "serviceaccounts"],
    ["list", "leases.coordination.k8s.io"],
  ])("may not %s %s", async (verb, resource) => {
    expect(await can(verb, resource)).toBe("no");
  });

  test("may take part in the election of its own lease, and no other", async () => {
    const namespace = "realtime-system";
    expect(await can("create", "leases.coordination.k8s.io", namespace)).toBe("yes");
    for (const verb of ["get", "update"]) {
      expect(await can(verb, "leases.coordination.k8s.io/realtime-realtime-operator", namespace)).toBe("yes");
      expect(await can(verb, "leases.coordination.k8s.io/other", namespace)).toBe("no");
    }
  });
});

test("no rule has a wildcard", async () => {
  const rules = objectsOf(await render("default")).find(({ kind }) => kind === "ClusterRole")?.["rules"] as {
    verbs: string[];
    apiGroups: string[];
    resources: string[];
  }[];
  for (const { verbs, apiGroups, resources } of rules)
    expect([...verbs, ...apiGroups, ...resources]).not.toContain("*");
});
