// A real kube-apiserver, etcd and kube-controller-manager. The operators run in the process of the test. There is no
// node.
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { apiVersionOf, resources, type ChildResource } from "../../src/api/resources.ts";
import { connect } from "../../src/kube/http/connect.ts";
import type { Kube } from "../../src/kube/kube.ts";
import { crdFile } from "../crd/api-server.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { Ground, type Running } from "./ground.ts";

export interface World {
  plane: ControlPlane;
  /** The test's own API client, whose requests are not recorded. */
  kube: Kube;
  /** Creates a namespace that contains only a Secret with the key of tokens. */
  ground(): Promise<Ground>;
  /** Stops all operators, so that the operators of one test do not see the next test. */
  stopOperators(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const plane = await startControlPlane();
  await installDefinitions(plane, [crdFile]);
  const { kube } = connect({ kubeconfig: plane.kubeconfig });
  const grounds: Ground[] = [];
  const stopOperators = async (): Promise<void> => void (await Promise.all(grounds.map((ground) => ground.stop())));
  return {
    plane,
    kube,
    async ground() {
      const ground = new Ground(plane, kube, `ground-${grounds.length}`);
      grounds.push(ground);
      await plane.kubectl(["create", "namespace", ground.namespace]);
      await ground.secret("jwt", "0123456789abcdef0123456789abcdef");
      return ground;
    },
    stopOperators,
    async stop() {
      await stopOperators();
      await plane.stop();
    },
  };
}

/** An object with only the given fields, for writers other than the operator. */
export function bare(resource: ChildResource, namespace: string, name: string, body: object): KubeObject {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name, namespace }, ...body };
}

/** The children of a cluster that has an Ingress and one Redis pod. */
export const CHILDREN = [
  "ConfigMap chat-redis",
  "ConfigMap chat-server",
  "Deployment chat-server",
  "Ingress chat-server",
  "NetworkPolicy chat-redis",
  "NetworkPolicy chat-server",
  "PodDisruptionBudget chat-server",
  "Secret chat-auth",
  "Service chat-redis",
  "Service chat-redis-nodes",
  "Service chat-server",
  "ServiceAccount chat-server",
  "StatefulSet chat-redis",
];

/** Creates a cluster in a new namespace. Returns when all its objects exist and the operator has nothing to do. */
export async function startCluster(world: World, spec: object = {}): Promise<{ ground: Ground; operator: Running }> {
  const ground = await world.ground();
  const operator = ground.operator();
  await ground.apply("chat", spec);
  await ground.condition("chat", "ConfigurationAccepted", "True");
  await ground.object(resources.ingresses, "chat-server");
  await ground.atRest("chat", operator);
  return { ground, operator };
}
