import type { KubeObject } from "../../api/kube-object.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import type { Facts } from "../facts/facts.ts";
import { ingressAddressOf } from "../facts/ingress-address.ts";
import { childNamed } from "../facts/ownership.ts";
import { routeStateOf, type RouteState } from "../facts/route.ts";
import { no, unknown, yes, type ConditionFunction, type Verdict } from "../findings.ts";

/** Whether clients outside Kubernetes have a route to the gateways. If not, the message gives the reason. */
export const exposureReady: ConditionFunction = ({ facts, waiting }) => {
  const { type } = facts.cluster.spec.exposure;
  const { server } = namesOf(facts.cluster);
  if (type === "None")
    return yes("Disabled", `spec.exposure.type is None: clients inside Kubernetes connect to Service ${server}`);
  if (waiting.some(({ kind }) => kind === "HTTPRoute"))
    return no(
      "CRDNotInstalled",
      "the API server does not know the kind HTTPRoute: install Gateway API, or set spec.exposure.type to Ingress",
    );
  if (type === "Gateway") {
    const state = routeStateOf(facts);
    return state === undefined ? no("NotFound", `the HTTPRoute ${server} does not exist yet`) : ofRoute(state);
  }
  const ingress = childNamed(facts, "Ingress", server);
  return ingress === undefined ? no("NotFound", `the Ingress ${server} does not exist yet`) : ofIngress(ingress, facts);
};

/**
 * A missing or old address is no error, because some ingress controllers never write an address, or write it only once.
 */
function ofIngress(ingress: KubeObject, { cluster, hasIngressClass }: Facts): Verdict {
  const { host, ingress: { className } = {} } = cluster.spec.exposure;
  const address = ingressAddressOf(ingress);
  if (address?.isCurrent === true)
    return yes("Published", `the ingress controller routes ${host} at address ${address.text}`);
  if (className !== undefined && hasIngressClass === false)
    return no(
      "ClassNotFound",
      `there is no IngressClass ${className}, so no ingress controller routes ${host}: correct spec.exposure.ingress.className (kubectl get ingressclass lists the names), or create the class`,
    );
  const found =
    address === undefined
      ? `the Ingress for ${host} exists, but has no address in its status (some controllers never set one)`
      : `the Ingress for ${host} was changed after the address ${address.text} was written to its status (many controllers do not write it again)`;
  const asked =
    className === undefined
      ? "of the default class (kubectl get ingressclass)"
      : `of class ${className} (kubectl get ingressclass ${className})`;
  return yes("Routed", `${found}: if clients cannot connect, check that there is a controller ${asked}`);
}

function ofRoute(state: RouteState): Verdict {
  switch (state.type) {
    case "accepted":
      return yes("Accepted", `Gateway ${state.gateway} has accepted the route`);
    case "refused":
      return no(
        state.reason ?? "NotAccepted",
        `Gateway ${state.gateway}: ${state.message ?? "the route is not accepted"}`,
      );
    case "notReported":
      return unknown(
        "NoGateway",
        state.gateway === undefined
          ? "no Gateway has reported on the route yet: check spec.exposure.gateway.parentRefs and the Gateway's controller"
          : `no Gateway has reported on the newest version of the route yet; Gateway ${state.gateway} has reported on an older one`,
      );
  }
}
