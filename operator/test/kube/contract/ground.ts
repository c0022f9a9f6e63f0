import type { KubeObject } from "../../../src/api/kube-object.ts";
import type { Kube, WatchEvent, WatchOptions } from "../../../src/kube/kube.ts";
import type { Resource } from "../../../src/kube/resource.ts";

/** One implementation of the Kube interface: the fake, or a real API server. */
export interface Side {
  kube: Kube;
  /** Lets Kubernetes' controllers finish their work: garbage collection, and the deletion of namespaces. */
  settle(): void;
  /** Lets a minute pass, because an API server sends bookmarks about once a minute. */
  passMinute(): void;
  /** Lets the time pass that the test gives as timeoutSeconds. */
  passTimeout(): void;
  /** Makes the server forget all events that it has sent until now, so that a watch from an old version fails. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

/** A Kube implementation together with a namespace that only one test uses. */
export interface Ground extends Side {
  namespace: string;
}

/** A custom kind for tests, with the subresources status and scale. */
export const gadgets: Resource = {
  group: "contract.example",
  version: "v1",
  plural: "gadgets",
  kind: "Gadget",
  namespaced: true,
};

const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
export const gadgetDefinition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.contract.example" },
  spec: {
    group: gadgets.group,
    names: { plural: gadgets.plural, kind: gadgets.kind, singular: "gadget", listKind: "GadgetList" },
    scope: "Namespaced",
    versions: [
      {
        name: gadgets.version,
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
        },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { ...anything, properties: { replicas: { type: "integer" } } }, status: anything },
          },
        },
      },
    ],
  },
};

export function configMap(
  { namespace }: Ground,
  name: string,
  data: Record<string, string>,
  metadata: Partial<KubeObject["metadata"]> = {},
): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, ...metadata }, data };
}

export function gadget(
  { namespace }: Ground,
  name: string,
  body: { spec?: object; status?: object },
  metadata: Partial<KubeObject["metadata"]> = {},
): KubeObject {
  return { apiVersion: "contract.example/v1", kind: "Gadget", metadata: { name, namespace, ...metadata }, ...body };
}

/** A Deployment with no replicas, so that no controller creates pods. */
export function deployment(
  { namespace }: Ground,
  name: string,
  pod: { containers: object[]; volumes?: object[] },
): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
}

/**
 * Collects the events of a watch until `enough` accepts them. Throws when the watch ends before that, or after 20 s.
 */
export async function eventsOf(
  kube: Kube,
  resource: Resource,
  options: Omit<WatchOptions, "timeoutSeconds">,
  enough: (events: WatchEvent[]) => boolean,
): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  for await (const event of kube.watch(resource, { timeoutSeconds: 60, ...options }, AbortSignal.timeout(20_000))) {
    events.push(event);
    if (enough(events)) return events;
  }
  throw new Error(`the watch ended after ${JSON.stringify(events)}`);
}
