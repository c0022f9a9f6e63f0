import type { KubeObject } from "../api/kube-object.ts";
import type { LeaseRecord, LeaseStore } from "../engine/lease-store.ts";
import { ApiError } from "./errors.ts";
import type { Kube } from "./kube.ts";
import { microTime } from "./micro-time.ts";
import type { Resource } from "./resource.ts";

export const leases: Resource = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
  namespaced: true,
};

/**
 * Stores a LeaseRecord in a Lease object. A write returns undefined when another process has written the object since
 * the record was read.
 */
export function leaseStore(
  kube: Pick<Kube, "get" | "create" | "replace">,
  namespace: string,
  name: string,
): LeaseStore {
  return {
    async read(signal) {
      const found = await kube.get(leases, namespace, name, signal);
      return found === undefined ? undefined : recordOf(found);
    },
    async write(record, signal) {
      const { version } = record;
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name, namespace, ...(version === undefined ? {} : { resourceVersion: version }) },
        spec: {
          holderIdentity: record.holder,
          leaseDurationSeconds: record.durationSeconds,
          acquireTime: microTime(record.acquiredMs),
          renewTime: microTime(record.renewedMs),
          leaseTransitions: record.transitions,
        },
      };
      try {
        return recordOf(
          version === undefined ? await kube.create(leases, lease, signal) : await kube.replace(leases, lease, signal),
        );
      } catch (error) {
        // A 404 on create means that the namespace does not exist. A retry would not help, so throw it.
        if (error instanceof ApiError && (error.status === 409 || (error.status === 404 && version !== undefined)))
          return undefined;
        throw error;
      }
    },
  };
}

function recordOf(lease: KubeObject): LeaseRecord {
  const spec = (lease["spec"] ?? {}) as {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
  const { resourceVersion } = lease.metadata;
  return {
    holder: spec.holderIdentity ?? "",
    durationSeconds: spec.leaseDurationSeconds ?? 15,
    acquiredMs: Date.parse(spec.acquireTime ?? "") || 0,
    renewedMs: Date.parse(spec.renewTime ?? "") || 0,
    transitions: spec.leaseTransitions ?? 0,
    ...(resourceVersion === undefined ? {} : { version: resourceVersion }),
  };
}
