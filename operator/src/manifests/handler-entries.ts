import type { RealtimeCluster, Spec } from "../api/realtime-cluster.ts";

type Handler = Spec["handlers"][number];

/** A handler as the live configuration lists it: with a URL, and all other fields as in the spec. */
export type HandlerEntry = Omit<Handler, "url" | "service"> & { url: string };

/** The handlers of a cluster for its gateways. */
export function handlerEntries({ metadata, spec }: Pick<RealtimeCluster, "metadata" | "spec">): HandlerEntry[] {
  return spec.handlers.map(({ name, url = "", service, ...entry }) => ({
    name,
    url: service === undefined ? url : serviceUrl(service, metadata.namespace),
    ...entry,
  }));
}

function serviceUrl({ name, namespace, port, path }: NonNullable<Handler["service"]>, ownNamespace: string): string {
  return `http://${name}.${namespace ?? ownNamespace}.svc:${port}${path}`;
}
