// Prometheus finds gateways by the Endpoints or EndpointSlices of a Service. Checks with Kubernetes' own controllers
// that these still list a gateway while it drains.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import { resourceOf, resources } from "../../src/api/resources.ts";
import { connect } from "../../src/kube/http/connect.ts";
import type { Kube } from "../../src/kube/kube.ts";
import { selectorOf } from "../../src/manifests/shared/labels.ts";
import { goldenCase } from "../manifests/golden-case.ts";

const { cluster, manifests } = goldenCase("everything");
const { namespace, name } = cluster.metadata;
const POD_ADDRESS = "10.9.8.7";

let plane: ControlPlane;
let kube: Kube;
beforeAll(async () => {
  plane = await startControlPlane();
  kube = connect({ kubeconfig: plane.kubeconfig }).kube;
  await plane.kubectl(["create", "namespace", namespace]);
}, 900_000);
afterAll(() => plane.stop());

/** Creates a ready gateway pod. Its finalizer keeps it while it is being deleted, as a drain does. */
async function createReadyGateway(): Promise<void> {
  const about = { apiVersion: "v1", kind: "Pod", metadata: { name: "gateway", namespace } };
  await kube.apply(resources.pods, {
    ...about,
    metadata: { ...about.metadata, labels: selectorOf(cluster, "server"), finalizers: ["realtime.dev/test"] },
    spec: {
      // A pod without a node would be removed at once.
      nodeName: "none",
      containers: [
        { name: "gateway", image: "example.test/none:1", ports: [{ name: "private", containerPort: 9090 }] },
      ],
    },
  });
  const conditions = [{ type: "Ready", status: "True" }];
  const status = { phase: "Running", podIP: POD_ADDRESS, podIPs: [{ ip: POD_ADDRESS }], conditions };
  await kube.apply(resources.pods, { ...about, status }, { subresource: "status" });
}

async function isListed(kind: "endpoints" | "endpointslices", service: string): Promise<boolean> {
  const selector =
    kind === "endpoints" ? [service, "--ignore-not-found"] : ["-l", `kubernetes.io/service-name=${service}`];
  const args = ["-n", namespace, "get", kind, ...selector, "-o", "json"];
  return (await plane.kubectl(args)).includes(POD_ADDRESS);
}

test("the metrics Service lists a gateway that drains, after the gateways' Service has dropped it", async () => {
  for (const manifest of manifests.filter(({ kind }) => kind === "Service"))
    await kube.apply(resourceOf(manifest), manifest);
  await createReadyGateway();
  await until("the gateway to be in its Service", () => isListed("endpoints", `${name}-server`), 30_000);
  await plane.kubectl(["-n", namespace, "delete", "pod", "gateway", "--wait=false"]);
  await until("the Service to drop it", async () => !(await isListed("endpoints", `${name}-server`)), 30_000);
  expect(await isListed("endpoints", `${name}-metrics`)).toBe(true);
  expect(await isListed("endpointslices", `${name}-metrics`)).toBe(true);
}, 90_000);

test("the ServiceMonitor selects the metrics Service and no other one", () => {
  const monitor = manifests.find(({ kind }) => kind === "ServiceMonitor");
  const { matchLabels } = (monitor as unknown as { spec: { selector: { matchLabels: Record<string, string> } } }).spec
    .selector;
  const selected = manifests.filter(
    ({ kind, metadata }) =>
      kind === "Service" && Object.entries(matchLabels).every(([key, value]) => metadata.labels[key] === value),
  );
  expect(selected.map(({ metadata }) => metadata.name)).toEqual([`${name}-metrics`]);
});
