import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { stableHash } from "../../src/manifests/shared/stable-hash.ts";
import type { TranscriptStage } from "./transcript-stage.ts";

type Stage = Pick<TranscriptStage, "server" | "noteTemplate">;

interface Workload extends KubeObject {
  spec: { replicas?: number; template: { metadata: { labels: Record<string, string> } } };
}

/**
 * Does at once what Kubernetes would do for Deployments and StatefulSets: replaces pods by new ones with the newest
 * template, and writes the status.
 */
export async function workKubernetes(stage: Stage, newPods: "ready" | "pending"): Promise<void> {
  stage.server.collectGarbage();
  for (const resource of [resources.statefulSets, resources.deployments]) {
    for (const workload of stage.server.objects(resource) as Workload[]) await run(stage, resource, workload, newPods);
  }
  stage.server.collectGarbage();
}

async function run(
  stage: Stage,
  resource: typeof resources.deployments | typeof resources.statefulSets,
  workload: Workload,
  newPods: "ready" | "pending",
): Promise<void> {
  const { server } = stage;
  const { replicas = 1, template } = workload.spec;
  const { name, namespace = "", uid = "", generation } = workload.metadata;
  const hash = stableHash(template).slice(0, 6);
  stage.noteTemplate(hash);
  const wanted = Array.from({ length: replicas }, (_, index) => `${name}-${hash}-${index}`);
  const pods = server
    .objects(resources.pods)
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  const isReady = (one: KubeObject) => JSON.stringify(one["status"] ?? {}).includes('"Ready","status":"True"');
  const keepsOld = newPods === "pending" && pods.length > 0;
  for (const pod of pods)
    if (!wanted.includes(pod.metadata.name) && !keepsOld)
      await server.remove(resources.pods, pod, { by: "world" } as never);
  for (const podName of wanted) {
    if (pods.some(({ metadata }) => metadata.name === podName) && newPods === "pending") continue;
    await pod(podName);
  }
  const now = server
    .objects(resources.pods)
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  const status = {
    observedGeneration: generation,
    replicas: now.length,
    updatedReplicas: now.filter(({ metadata }) => wanted.includes(metadata.name)).length,
    readyReplicas: now.filter(isReady).length,
  };
  await server.apply(
    resource,
    { apiVersion: workload.apiVersion, kind: workload.kind, metadata: { name, namespace }, status },
    { subresource: "status", fieldManager: "controller" },
  );

  async function pod(podName: string): Promise<void> {
    const ownerReferences = [{ apiVersion: workload.apiVersion, kind: workload.kind, name, uid, controller: true }];
    await server.apply(
      resources.pods,
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: podName, namespace, labels: template.metadata.labels, ownerReferences },
      },
      { fieldManager: "controller" },
    );
    const state =
      newPods === "ready"
        ? { phase: "Running", podIP: "10.0.0.1", conditions: [{ type: "Ready", status: "True" }] }
        : { phase: "Pending", conditions: [{ type: "Ready", status: "False" }] };
    await server.apply(
      resources.pods,
      { apiVersion: "v1", kind: "Pod", metadata: { name: podName, namespace }, status: state },
      { subresource: "status", fieldManager: "kubelet" },
    );
  }
}
