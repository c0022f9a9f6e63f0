import { emptyFacts, healthyFacts, withChild } from "../../../test/reconcile/build.ts";
import {
  testCondition,
  found,
  healthy,
  routeStatus,
  withStatus,
  gatewaySpec,
  gatewayFacts,
} from "../../../test/reconcile/condition-cases.ts";

testCondition("ExposureReady", [
  [
    "the conditions of a parent are null",
    found(withChild(gatewayFacts, "HTTPRoute", withStatus({ parents: [{ parentRef: null, conditions: null }] }))),
    "Unknown NoGateway",
  ],
  [
    "no address is published",
    found(healthyFacts()),
    "True Routed",
    "the Ingress for chat.example.com exists, but has no address in its status (some controllers never set one): if clients cannot connect, check that there is a controller of the default class (kubectl get ingressclass)",
  ],
  [
    "an address is published",
    found(withChild(healthyFacts(), "Ingress", withStatus({ loadBalancer: { ingress: [{ hostname: "lb" }] } }))),
    "True Published",
    "the ingress controller routes chat.example.com at address lb",
  ],
  ["the Ingress is not there", found(emptyFacts()), "False NotFound"],
  ["none is wanted", found(healthy({ exposure: { type: "None" } })), "True Disabled"],
  ["Gateway API is not installed", found(healthy(gatewaySpec)), "False CRDNotInstalled"],
  ["no Gateway has looked", found(gatewayFacts), "Unknown NoGateway"],
  [
    "the Gateway accepts",
    found(
      withChild(
        gatewayFacts,
        "HTTPRoute",
        routeStatus([
          { type: "Accepted", status: "True" },
          { type: "ResolvedRefs", status: "True" },
        ]),
      ),
    ),
    "True Accepted",
    "Gateway edge has accepted the route",
  ],
  [
    "the Gateway accepts and cannot resolve",
    found(
      withChild(
        gatewayFacts,
        "HTTPRoute",
        routeStatus([
          { type: "Accepted", status: "True" },
          { type: "ResolvedRefs", status: "False", reason: "BackendNotFound", message: "no Service" },
        ]),
      ),
    ),
    "False BackendNotFound",
    "Gateway edge: no Service",
  ],
  [
    "the Gateway has accepted only an older version of the route",
    found(
      withChild(gatewayFacts, "HTTPRoute", (child) =>
        routeStatus([{ type: "Accepted", status: "True", observedGeneration: 1 }])({
          ...child,
          metadata: { ...child.metadata, generation: 2 },
        }),
      ),
    ),
    "Unknown NoGateway",
    "no Gateway has reported on the newest version of the route yet; Gateway edge has reported on an older one",
  ],
  [
    "a Gateway that is no longer a parent refused an older version of the route",
    found(
      withChild(gatewayFacts, "HTTPRoute", (child) =>
        routeStatus([
          { type: "Accepted", status: "False", observedGeneration: 1 },
          { type: "Accepted", status: "True", observedGeneration: 2 },
        ])({ ...child, metadata: { ...child.metadata, generation: 2 } }),
      ),
    ),
    "True Accepted",
  ],
]);
