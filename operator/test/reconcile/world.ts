// A real kube-apiserver, etcd and kube-controller-manager, and operators of this process on it: everything but a node.
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { apiVersionOf, type ChildResource } from "../../src/api/resources.ts";
import { connect } from "../../src/kube/http/connect.ts";
import type { Kube } from "../../src/kube/kube.ts";
import { crdFile } from "../crd/api-server.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { Ground } from "./ground.ts";

export interface World {
  plane: ControlPlane;
  /** The tests' own hands: what they write is nobody's request. */
  kube: Kube;
  /** A namespace with nothing in it but a Secret for tokens. */
  ground(): Promise<Ground>;
  /** Ends the operators of all grounds: those of one test must not watch what the next one does. */
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

/** An object with the given fields only, as another writer would apply it. */
export function bare(resource: ChildResource, namespace: string, name: string, body: object): KubeObject {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name, namespace }, ...body };
}
