import type { KubeObject } from "../../api/kube-object.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import type { Facts } from "../facts/facts.ts";
import { childNamed } from "../facts/ownership.ts";
import { no, unknown, yes, type Judge, type Verdict } from "./verdict.ts";

/** Whether the route to the gateways stands, and if not, why not. */
export const exposureReady: Judge = ({ facts, waiting }) => {
  const { type, host = "", ingress } = facts.cluster.spec.exposure;
  const { server } = namesOf(facts.cluster);
  if (type === "None")
    return yes("NotWanted", `spec.exposure.type is None: clients inside of Kubernetes use Service ${server}`);
  if (waiting.some(({ kind }) => kind === "HTTPRoute")) {
    return no(
      "KindMissing",
      "the API server has no HTTPRoute: install Gateway API, or set spec.exposure.type to Ingress",
    );
  }
  const route = childNamed(facts, type === "Gateway" ? "HTTPRoute" : "Ingress", server);
  if (route === undefined)
    return no("NotThere", `the ${type === "Gateway" ? "HTTPRoute" : "Ingress"} ${server} is not there yet`);
  return type === "Gateway" ? ofHttpRoute(route) : ofIngress(route, host, ingress?.className);
};

/** Whether a Gateway has taken the HTTPRoute as it stands. */
export function isRouteAccepted(facts: Pick<Facts, "children" | "cluster">): boolean {
  const route = childNamed(facts, "HTTPRoute", namesOf(facts.cluster).server);
  return route !== undefined && ofHttpRoute(route).status === "True";
}

/** Controllers need not publish an address, so that one is missing is no fault. */
function ofIngress(ingress: KubeObject, host: string, className: string | undefined): Verdict {
  const status = (ingress["status"] ?? {}) as { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
  const [published] = status.loadBalancer?.ingress ?? [];
  const address = published?.ip ?? published?.hostname;
  if (address !== undefined) return yes("Published", `${host} is routed; the controller answers at ${address}`);
  const asked =
    className === undefined
      ? "of the default class (kubectl get ingressclass)"
      : `of class ${className} (kubectl get ingressclass ${className})`;
  return yes(
    "Routed",
    `an Ingress routes ${host}; no address is published, which not all controllers do: if nothing comes through, is there a controller ${asked}?`,
  );
}

function ofHttpRoute(route: KubeObject): Verdict {
  const { parents } = (route["status"] ?? {}) as { parents?: RouteParent[] };
  const { generation = 0 } = route.metadata;
  const told = (parents ?? []).flatMap(({ parentRef, conditions: list }) =>
    (list ?? []).map((condition) => ({ ...condition, gateway: parentRef?.name ?? "" })),
  );
  // After an edit, and for ever from a Gateway that is no longer a parent, the status speaks of an older route.
  const conditions = told.filter(({ observedGeneration = generation }) => observedGeneration >= generation);
  const refused = conditions.find(
    ({ type, status }) => (type === "Accepted" || type === "ResolvedRefs") && status === "False",
  );
  if (refused !== undefined)
    return no(
      refused.reason ?? "NotAccepted",
      `Gateway ${refused.gateway}: ${refused.message ?? "the route is not accepted"}`,
    );
  const accepted = conditions.find(({ type, status }) => type === "Accepted" && status === "True");
  if (accepted !== undefined) return yes("Accepted", `Gateway ${accepted.gateway} has accepted the route`);
  const [older] = told;
  if (older !== undefined)
    return unknown(
      "NoGateway",
      `no Gateway has looked at the newest version of the route yet; Gateway ${older.gateway} has seen an older one`,
    );
  return unknown(
    "NoGateway",
    "no Gateway has looked at the route yet: check spec.exposure.gateway.parentRefs and the Gateway's controller",
  );
}

interface RouteParent {
  parentRef?: { name?: string };
  conditions?: { type: string; status: string; reason?: string; message?: string; observedGeneration?: number }[];
}
