import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { strategicMerge } from "../../src/manifests/shared/strategic-merge.ts";
import { stableJson } from "../../src/manifests/shared/stable-hash.ts";
import { goldenCase } from "./golden-case.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ controllers: "none" });
  await plane.kubectl(["create", "namespace", "apps"]);
  const deployment = goldenCase("minimal").manifests.find(({ kind }) => kind === "Deployment");
  await plane.kubectl(["create", "-f", "-"], { input: JSON.stringify(deployment) });
}, 900_000);
afterAll(() => plane.stop());

interface Deployment {
  spec: { template: { spec: Record<string, unknown> } };
}

/**
 * Sorts the items of lists. The API server orders a list with a merge key differently, and the order has no meaning.
 */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (stableJson(a) < stableJson(b) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, sorted(part)]));
}

test.each([
  {
    what: "labels and annotations",
    patch: {
      metadata: { labels: { team: "web" }, annotations: { "kubectl.kubernetes.io/default-container": null, a: "b" } },
    },
  },
  { what: "a scalar and a map", patch: { spec: { priorityClassName: "high", nodeSelector: { disk: "ssd" } } } },
  { what: "null in a map", patch: { spec: { securityContext: { runAsUser: null, runAsGroup: null } } } },
  { what: "$patch: replace of a map", patch: { spec: { securityContext: { $patch: "replace", runAsNonRoot: true } } } },
  { what: "a list without a merge key", patch: { spec: { tolerations: [{ key: "a", operator: "Exists" }] } } },
  {
    what: "the container's own fields",
    patch: { spec: { containers: [{ name: "gateway", image: "other:1", args: ["x"] }] } },
  },
  {
    what: "a second container",
    patch: {
      spec: {
        containers: [
          {
            name: "sidecar",
            image: "sidecar:1",
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "File",
            imagePullPolicy: "Always",
            resources: {},
          },
        ],
      },
    },
  },
  {
    what: "a variable changed, one added, one deleted",
    patch: {
      spec: {
        containers: [
          {
            name: "gateway",
            env: [
              { name: "NODE_ENV", value: "test" },
              { name: "NEW", value: "1" },
              { name: "PORT", $patch: "delete" },
            ],
          },
        ],
      },
    },
  },
  {
    what: "a mount by its path",
    patch: {
      spec: { containers: [{ name: "gateway", volumeMounts: [{ mountPath: "/tmp", name: "tmp", subPath: "sub" }] }] },
    },
  },
  {
    what: "a port by its number",
    patch: {
      spec: { containers: [{ name: "gateway", ports: [{ containerPort: 9090, name: "admin", protocol: "TCP" }] }] },
    },
  },
  {
    what: "a volume deleted",
    patch: {
      spec: {
        volumes: [{ name: "tmp", $patch: "delete" }],
        containers: [{ name: "gateway", volumeMounts: [{ mountPath: "/tmp", $patch: "delete" }] }],
      },
    },
  },
  {
    what: "a volume of another kind by null",
    patch: { spec: { volumes: [{ name: "tmp", emptyDir: null, hostPath: { path: "/tmp", type: "" } }] } },
  },
  {
    what: "a volume of another kind by $retainKeys",
    patch: {
      spec: { volumes: [{ name: "tmp", $retainKeys: ["name", "hostPath"], hostPath: { path: "/tmp", type: "" } }] },
    },
  },
  { what: "$patch: delete of a map", patch: { spec: { securityContext: { $patch: "delete" } } } },
  {
    what: "$patch: replace of a whole list",
    patch: {
      spec: { volumes: [{ $patch: "replace" }, { name: "config", emptyDir: {} }, { name: "tmp", emptyDir: {} }] },
    },
  },
  {
    what: "init containers",
    patch: {
      spec: {
        initContainers: [
          {
            name: "init",
            image: "init:1",
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "File",
            imagePullPolicy: "Always",
            resources: {},
          },
        ],
      },
    },
  },
  {
    what: "host aliases and pull secrets",
    patch: { spec: { hostAliases: [{ ip: "10.0.0.1", hostnames: ["a"] }], imagePullSecrets: [{ name: "pull" }] } },
  },
  {
    what: "a spread constraint by its key",
    patch: {
      spec: {
        topologySpreadConstraints: [
          { topologyKey: "kubernetes.io/hostname", maxSkew: 2, whenUnsatisfiable: "ScheduleAnyway" },
        ],
      },
    },
  },
])("$what: a patch gives the same result as in the API server", async ({ patch }) => {
  const get = async (args: readonly string[]) =>
    JSON.parse(await plane.kubectl(["-n", "apps", ...args, "-o", "json"])) as Deployment;
  const before = await get(["get", "deployment", "chat-server"]);
  const after = await get([
    "patch",
    "deployment",
    "chat-server",
    "--dry-run=server",
    "--type=strategic",
    "--patch",
    JSON.stringify({ spec: { template: patch } }),
  ]);
  expect(sorted(strategicMerge(before.spec.template, patch))).toEqual(sorted(after.spec.template));
});
