import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { crdFile } from "../crd/api-server.ts";
import { definitions } from "../manifests/definitions.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import type { Ground } from "./ground.ts";
import { startWorld, type World } from "./world.ts";
import { alteredKubeconfigs } from "./altered-kubeconfig.ts";

let world: World;
const kubeconfigs = alteredKubeconfigs(() => world);
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterEach(() => world.stopOperators());
afterAll(async () => {
  await world.stop();
  kubeconfigs.remove();
}, 120_000);
const replicasOf = (deployment: KubeObject) => (deployment["spec"] as { replicas: number }).replicas;

describe("objects that the operator may not read", () => {
  /**
   * Creates a ServiceAccount and returns its kubeconfig. The ServiceAccount has all permissions in one namespace,
   * except for optional kinds.
   */
  async function limited(ground: Ground): Promise<string> {
    const groups = {
      "": ["configmaps", "services", "serviceaccounts", "pods", "persistentvolumeclaims", "secrets"],
      apps: ["deployments", "statefulsets"],
      policy: ["poddisruptionbudgets"],
      autoscaling: ["horizontalpodautoscalers"],
      "networking.k8s.io": ["networkpolicies", "ingresses"],
      "realtime.dev": ["realtimeclusters", "realtimeclusters/status"],
      "events.k8s.io": ["events"],
      "coordination.k8s.io": ["leases"],
    };
    const rules = Object.entries(groups).map(([group, plurals]) => ({
      apiGroups: [group],
      resources: plurals,
      verbs: ["*"],
    }));
    const { namespace } = ground;
    const objects = [
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "limited", namespace } },
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "limited", namespace }, rules },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "limited", namespace },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "limited" },
        subjects: [{ kind: "ServiceAccount", name: "limited", namespace }],
      },
    ];
    await world.plane.kubectl(["apply", "-f", "-"], {
      input: JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
    });
    const token = (await world.plane.kubectl(["create", "token", "limited", "-n", namespace])).trim();
    return kubeconfigs.with(`limited-${namespace}`, { user: { token } });
  }

  test("counts an optional kind as missing when it may not be watched, without blocking other kinds", async () => {
    await installMonitoring();
    const ground = await world.ground();
    ground.operator({ kubeconfig: await limited(ground) });
    await ground.apply("chat", { monitoring: { serviceMonitor: { enabled: true } } });
    await ground.condition("chat", "MonitoringReady", "False CRDNotInstalled");
    await ground.object(resources.ingresses, "chat-server");
  }, 120_000);

  test("does not block other namespaces when one may not be read", async () => {
    const [ground, closed] = [await world.ground(), await world.ground()];
    ground.operator({ kubeconfig: await limited(ground), namespaces: [closed.namespace, ground.namespace] });
    await ground.apply("chat");
    await ground.object(resources.ingresses, "chat-server");
    await ground.condition("chat", "ConfigurationAccepted", "True");
  }, 120_000);
});

async function installMonitoring(): Promise<void> {
  await installDefinitions(world.plane, [
    await definitions(
      "prometheusOperator",
      "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
  ]);
}

test("uses a kind that is installed later, and continues without it when it is removed", async () => {
  await world.plane.kubectl(["delete", "crd", "servicemonitors.monitoring.coreos.com", "--ignore-not-found"]);
  const ground = await world.ground();
  ground.operator();
  await ground.apply("chat", { monitoring: { serviceMonitor: { enabled: true } } });
  await ground.condition("chat", "MonitoringReady", "False CRDNotInstalled");
  await ground.object(resources.ingresses, "chat-server");
  await installMonitoring();
  await ground.object(resources.serviceMonitors, "chat-server");
  await ground.condition("chat", "MonitoringReady", "True");
  await world.plane.kubectl(["delete", "crd", "servicemonitors.monitoring.coreos.com"]);
  await ground.condition("chat", "MonitoringReady", "False CRDNotInstalled");
  await ground.apply("chat", { monitoring: { serviceMonitor: { enabled: true } }, replicas: 4 });
  await ground.object(resources.deployments, "chat-server", (deployment) => replicasOf(deployment) === 4);
}, 120_000);

test("continues when the definition of RealtimeCluster is deleted and installed again", async () => {
  const ground = await world.ground();
  const operator = ground.operator();
  await ground.apply("chat");
  await ground.object(resources.ingresses, "chat-server");
  await world.plane.kubectl(["delete", "crd", "realtimeclusters.realtime.dev"]);
  await until(
    "its children to be collected",
    async () => Object.keys(await ground.children("chat")).length === 0,
    60_000,
  );
  await installDefinitions(world.plane, [crdFile]);
  await ground.apply("chat");
  await until("its objects", async () => (await ground.get(resources.ingresses, "chat-server")) !== undefined, 60_000);
  expect(operator.isLeading()).toBe(true);
}, 180_000);
