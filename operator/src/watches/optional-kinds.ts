import { optionalResources, type ChildResource } from "../api/resources.ts";
import type { Kube } from "../kube/kube.ts";
import { routeRuleFields } from "../manifests/exposure/route-rule-fields.ts";

/** The optional kinds that the API server has. */
export interface OptionalKinds {
  /** The names of the kinds, as in Facts.installed. */
  installed: ReadonlySet<string>;
  routeRuleFields: ReadonlySet<string>;
}

/**
 * Asks the API server which optional kinds it has: one request for each API group. If it has HTTPRoute, one more
 * request reads its schema.
 */
export async function discoverOptionalKinds(
  kube: Pick<Kube, "discover" | "openapi">,
  signal: AbortSignal,
): Promise<OptionalKinds> {
  const installed = new Set<string>();
  let fields: ReadonlySet<string> = new Set();
  for (const [group, resources] of Map.groupBy(optionalResources, ({ group }) => group)) {
    const version = resources[0]?.version ?? "v1";
    const served = await kube.discover(group, version, signal);
    for (const resource of resources) if (served?.has(resource.plural) === true) installed.add(optionalName(resource));
    if (resources.some((resource) => resource.kind === "HTTPRoute" && installed.has(optionalName(resource)))) {
      fields = routeRuleFields(await kube.openapi(group, version, signal));
    }
  }
  return { installed, routeRuleFields: fields };
}

/** The name of a kind in Facts.installed, such as "servicemonitors.monitoring.coreos.com". */
export function optionalName({ plural, group }: { plural: string; group: string }): string {
  return `${plural}.${group}`;
}

export function isInstalled(resource: ChildResource, { installed }: Pick<OptionalKinds, "installed">): boolean {
  return !optionalResources.includes(resource) || installed.has(optionalName(resource));
}
