import type { RealtimeCluster, Spec } from "../api/realtime-cluster.ts";

type Handler = Spec["handlers"][number];

/**
 * A handler in the live configuration. It always has a URL, also when the spec names a Service. All other fields are as
 * in the spec.
 */
export type HandlerEntry = Omit<Handler, "url" | "service"> & { url: string };

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
