// The operator as a program that starts, hands over, loses its connection and ends, on a real API server.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { systemClock } from "../../src/kube/system-clock.ts";
import { connect } from "../../src/kube/http/connect.ts";
import { leases } from "../../src/kube/lease.ts";
import { makeLogger } from "../../src/observability/logger.ts";
import { runOperator } from "../../src/operator.ts";
import { crdFile } from "../crd/api-server.ts";
import { startTcpProxy, type TcpProxy } from "../kube/tcp-proxy.ts";
import { definitions } from "../manifests/definitions.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { fakeGateways } from "./fake-gateways.ts";
import type { Ground } from "./ground.ts";
import { writes } from "./recorded-requests.ts";
import { startWorld, type World } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "realtime-operator-"));
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterEach(() => world.stopOperators());
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const holder = async (ground: Ground) =>
  ((await ground.object(leases, "realtime-operator"))["spec"] as { holderIdentity: string }).holderIdentity;
const replicasOf = (deployment: KubeObject) => (deployment["spec"] as { replicas: number }).replicas;

interface Kubeconfig {
  clusters: [{ cluster: { server: string } }];
  users: [{ user: object }];
}

/** The administrator's kubeconfig with another server, or another user. */
function kubeconfigWith(name: string, { server, user }: { server?: string; user?: object }): string {
  const config = JSON.parse(readFileSync(world.plane.kubeconfig, "utf8")) as Kubeconfig;
  if (server !== undefined) config.clusters[0].cluster.server = server;
  if (user !== undefined) config.users[0].user = user;
  const path = join(folder, `${name}.kubeconfig`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function throughProxy(name: string): Promise<{ proxy: TcpProxy; kubeconfig: string }> {
  const { hostname, port } = new URL(world.plane.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  return { proxy, kubeconfig: kubeconfigWith(name, { server: `https://127.0.0.1:${proxy.port}` }) };
}

describe("of two operators", () => {
  test("one acts, and when it ends it gives the lease back and the other goes on where it was, writing nothing anew", async () => {
    const ground = await world.ground();
    const first = ground.operator({ identity: "first" });
    await until("the first to lead", async () => first.isLeading(), 60_000);
    const second = ground.operator({ identity: "second" });
    await ground.apply("chat");
    await ground.object(resources.ingresses, "chat-server");
    await ground.atRest("chat", first);
    expect([first.isLeading(), second.isLeading(), writes(second.requests, "chat")]).toEqual([true, false, []]);
    await first.stop();
    // Given back, and not waited out: by its times it would count for a while yet.
    expect(["", "second"]).toContain(await holder(ground));
    await until("the second to lead", async () => second.isLeading(), 60_000);
    expect(await holder(ground)).toBe("second");
    await ground.quiet();
    expect(writes(second.requests, "chat")).toEqual([]);
    await ground.apply("chat", { replicas: 4 });
    await ground.object(resources.deployments, "chat-server", (deployment) => replicasOf(deployment) === 4);
  }, 120_000);

  test("the one that is cut off ends its work, and the other waits its lease out", async () => {
    const ground = await world.ground();
    const { proxy, kubeconfig } = await throughProxy("cut-off");
    const first = ground.operator({ identity: "first", kubeconfig });
    await until("the first to lead", async () => first.isLeading(), 60_000);
    const second = ground.operator({ identity: "second" });
    await proxy.stop();
    let both = 0;
    await until(
      "the second to lead",
      async () => {
        if (first.isLeading() && second.isLeading()) both++;
        return second.isLeading();
      },
      90_000,
    );
    expect({ both, isFirstLeading: first.isLeading() }).toEqual({ both: 0, isFirstLeading: false });
  }, 120_000);
});

test("watches that are cut again and again lose nothing", async () => {
  const ground = await world.ground();
  const { proxy, kubeconfig } = await throughProxy("unsteady");
  const operator = ground.operator({ kubeconfig });
  await ground.apply("chat");
  await ground.object(resources.ingresses, "chat-server");
  for (let replicas = 2; replicas < 6; replicas++) {
    proxy.reset();
    await ground.apply("chat", { replicas });
    await ground.kube.remove(
      resources.services,
      await ground.object(
        resources.services,
        "chat-server",
        ({ metadata }) => metadata.deletionTimestamp === undefined,
      ),
    );
    await ground.object(resources.deployments, "chat-server", (deployment) => replicasOf(deployment) === replicas);
    await ground.object(resources.services, "chat-server");
  }
  await operator.stop();
  await proxy.stop();
}, 120_000);

test("an operator told to end while the API server hangs ends within seconds, and one told to end before it ever answered too", async () => {
  const ground = await world.ground();
  const { proxy, kubeconfig } = await throughProxy("hanging");
  const operator = ground.operator({ kubeconfig });
  await until("it to lead", async () => operator.isLeading(), 60_000);
  await ground.apply("chat");
  await ground.object(resources.secrets, "chat-auth");
  proxy.freeze();
  await ground.apply("chat", { replicas: 3 });
  await operator.stop();
  expect(operator.isLeading()).toBe(false);
  await proxy.stop();

  const deaf = createServer(() => undefined);
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  const { port } = deaf.address() as { port: number };
  const second = ground.operator({ kubeconfig: kubeconfigWith("deaf", { server: `https://127.0.0.1:${port}` }) });
  await second.stop();
  await new Promise((resolve) => deaf.close(resolve));
}, 120_000);

test("a port that is taken ends the operator and leaves nothing running", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, resolve));
  const { port } = taken.address() as { port: number };
  const { kube } = connect({ kubeconfig: world.plane.kubeconfig });
  const config = {
    identity: "x",
    namespace: "default",
    watchNamespaces: [],
    images: { gateway: "g", redis: "r" },
    upgrade: "Manual" as const,
    leaseName: undefined,
    healthPort: 0,
    metricsPort: port,
    logLevel: "silent",
    concurrency: 1,
  };
  await expect(
    runOperator(
      {
        config,
        kube,
        gateways: fakeGateways(() => systemClock.now()),
        logger: makeLogger("silent", "x"),
        clock: systemClock,
        random: Math.random,
      },
      new AbortController().signal,
    ),
  ).rejects.toMatchObject({ code: "EADDRINUSE" });
  await new Promise((resolve) => taken.close(resolve));
});

describe("what the operator may not read", () => {
  /** A kubeconfig of a ServiceAccount that may do everything in one namespace but touch optional kinds. */
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
    return kubeconfigWith(`limited-${namespace}`, { user: { token } });
  }

  test("an optional kind that may not be watched counts as missing, and keeps nothing else waiting", async () => {
    await installMonitoring();
    const ground = await world.ground();
    ground.operator({ kubeconfig: await limited(ground) });
    await ground.apply("chat", { monitoring: { serviceMonitor: { enabled: true } } });
    await ground.condition("chat", "MonitoringReady", "False CRDNotInstalled");
    await ground.object(resources.ingresses, "chat-server");
  }, 120_000);

  test("a namespace that may not be read keeps no other waiting", async () => {
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

test("a kind that is installed later is made use of by itself, and one that is removed again is missed and harms nothing", async () => {
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

test("the definition of the resource itself may be deleted and come back while the operator runs", async () => {
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
