/** One resource of the Kubernetes API: the objects of one kind in one version. */
export interface Resource {
  /** API group; "" is the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural as in the URL, in lower case: "deployments". */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** "apps/v1", or "v1" for the core group. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** The URL path below which all resources of a group version are. */
export function groupVersionPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

export interface ObjectPath {
  /** Undefined: all namespaces, or a cluster-scoped object. */
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
}

/** The URL path of a collection, of one object, or of an object's subresource. */
export function pathOf(resource: Resource, at: ObjectPath = {}): string {
  const inNamespace =
    resource.namespaced && at.namespace !== undefined ? `/namespaces/${encodeURIComponent(at.namespace)}` : "";
  const object = at.name === undefined ? "" : `/${encodeURIComponent(at.name)}`;
  const subresource = at.subresource === undefined ? "" : `/${at.subresource}`;
  return `${groupVersionPath(resource.group, resource.version)}${inNamespace}/${resource.plural}${object}${subresource}`;
}
