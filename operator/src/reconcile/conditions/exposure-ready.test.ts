import type { KubeObject } from "../../api/kube-object.ts";
import { clusterWith, emptyFacts, healthyFacts, withChild } from "../../../test/reconcile/build.ts";
import {
  testCondition,
  found,
  healthy,
  routeStatus,
  withStatus,
  gatewaySpec,
  gatewayFacts,
} from "../../../test/reconcile/condition-cases.ts";

const withClass = (hasIngressClass: boolean) =>
  healthyFacts({
    cluster: clusterWith({
      exposure: { type: "Ingress", host: "chat.example.com", ingress: { className: "edge", controller: "Generic" } },
    }),
    hasIngressClass,
  });

/** Makes an Ingress whose address was written at the first time, and which the operator changed at the second time. */
const withAddress = (writtenAt: string, changedAt: string) => (child: KubeObject) => ({
  ...withStatus({ loadBalancer: { ingress: [{ hostname: "lb" }] } })(child),
  metadata: {
    ...child.metadata,
    managedFields: [
      { manager: "realtime-operator", operation: "Apply" as const, time: changedAt, fieldsV1: {} },
      { manager: "traefik", operation: "Update" as const, subresource: "status", time: writtenAt, fieldsV1: {} },
    ],
  },
});

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
  [
    "the class was changed after the address was published",
    found(withChild(withClass(true), "Ingress", withAddress("2026-11-25T12:00:00Z", "2026-11-25T12:00:01Z"))),
    "True Routed",
    "the Ingress for chat.example.com was changed after the address lb was written to its status (many controllers do not write it again): if clients cannot connect, check that there is a controller of class edge (kubectl get ingressclass edge)",
  ],
  [
    "the class was changed to one that does not exist",
    found(withChild(withClass(false), "Ingress", withAddress("2026-11-25T12:00:00Z", "2026-11-25T12:00:01Z"))),
    "False ClassNotFound",
    "there is no IngressClass edge, so no ingress controller routes chat.example.com: correct spec.exposure.ingress.className (kubectl get ingressclass lists the names), or create the class",
  ],
  ["a new cluster names a class that does not exist", found(withClass(false)), "False ClassNotFound"],
  ["a new cluster names a class that exists", found(withClass(true)), "True Routed"],
  [
    "a controller that needs no IngressClass has published an address since the change",
    found(withChild(withClass(false), "Ingress", withAddress("2026-11-25T12:00:01Z", "2026-11-25T12:00:01Z"))),
    "True Published",
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
