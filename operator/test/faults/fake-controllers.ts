import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import type { FakeKube } from "../../src/kube/fake/fake-kube.ts";
import { stableHash } from "../../src/manifests/stable-hash.ts";

interface Workload {
  spec: { replicas?: number; template: { metadata: { labels: Record<string, string> } } };
}

/** What Kubernetes' controllers and a kubelet make of Deployments and StatefulSets: pods of the newest template, ready at once. */
export async function runControllers(kube: FakeKube): Promise<void> {
  kube.collectGarbage();
  for (const resource of [resources.deployments, resources.statefulSets]) {
    for (const workload of kube.objects(resource)) await runWorkload(kube, resource, workload);
  }
  kube.collectGarbage();
}

async function runWorkload(kube: FakeKube, resource: typeof resources.deployments | typeof resources.statefulSets, workload: KubeObject): Promise<void> {
  const { spec } = workload as KubeObject & Workload;
  const wanted = spec.replicas ?? 1;
  const template = stableHash(spec.template).slice(0, 6);
  const { name, namespace, uid = "", generation } = workload.metadata;
  const names = Array.from({ length: wanted }, (_, index) => `${name}-${template}-${index}`);
  const pods = kube.objects(resources.pods).filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.uid === uid));
  for (const pod of pods) if (!names.includes(pod.metadata.name)) await kube.remove(resources.pods, pod);
  for (const podName of names.filter((each) => !pods.some((pod) => pod.metadata.name === each))) {
    const owner = { apiVersion: workload.apiVersion, kind: workload.kind, name, uid, controller: true };
    const status = { phase: "Running", podIP: "10.0.0.1", conditions: [{ type: "Ready", status: "True" }] };
    const metadata = { name: podName, namespace: namespace ?? "default", labels: spec.template.metadata.labels, ownerReferences: [owner] };
    await kube.create(resources.pods, { apiVersion: "v1", kind: "Pod", metadata, status });
    await kube.apply(resources.pods, { apiVersion: "v1", kind: "Pod", metadata: { name: podName, namespace: namespace ?? "default" }, status }, { subresource: "status", fieldManager: "kubelet" });
  }
  const status = { observedGeneration: generation, replicas: wanted, updatedReplicas: wanted, readyReplicas: wanted };
  if (stableHash((workload["status"]) ?? {}) === stableHash(status)) return;
  await kube.apply(resource, { apiVersion: workload.apiVersion, kind: workload.kind, metadata: { name, namespace: namespace ?? "default" }, status }, { subresource: "status", fieldManager: "controller" });
}
