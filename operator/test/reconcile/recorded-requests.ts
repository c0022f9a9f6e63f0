import type { Kube } from "../../src/kube/kube.ts";

/** The writes for one cluster. Writes for the marker clusters of Ground are left out. */
export function writes(requests: readonly string[], cluster: string): string[] {
  return requests.filter(
    (request) =>
      !request.startsWith("get ") &&
      !request.includes("Event") &&
      !request.includes("Lease") &&
      request.includes(` ${cluster}`),
  );
}

/** A Kube that records every request except lists and watches. */
export function recordingKube(kube: Kube, requests: string[]): Kube {
  const tell = (verb: string, object: { kind: string; metadata: { name: string } }) =>
    void requests.push(`${verb} ${object.kind} ${object.metadata.name}`);
  return {
    ...kube,
    get: (resource, namespace, name, signal) => (
      tell("get", { kind: resource.kind, metadata: { name } }),
      kube.get(resource, namespace, name, signal)
    ),
    apply: (resource, object, options, signal) => (
      tell(options?.subresource === undefined ? "apply" : `apply ${options.subresource}`, object),
      kube.apply(resource, object, options, signal)
    ),
    create: (resource, object, signal) => (tell("create", object), kube.create(resource, object, signal)),
    replace: (resource, object, signal) => (tell("replace", object), kube.replace(resource, object, signal)),
    mergePatch: (resource, at, patch, signal) => (
      tell("patch", { kind: resource.kind, metadata: { name: at.name } }),
      kube.mergePatch(resource, at, patch, signal)
    ),
    remove: (resource, object, options, signal) => (
      tell("remove", object),
      kube.remove(resource, object, options, signal)
    ),
  };
}
