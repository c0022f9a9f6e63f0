export interface BadSpec {
  when: string;
  spec: object;
  /** The API server's message. */
  want: string;
}

/** Specs with invalid fields for exposure, drain, autoscaling or monitoring. */
export const badExposureSpecs: readonly BadSpec[] = [
  {
    when: "an exposure without a host",
    spec: { exposure: { type: "Ingress" } },
    want: "spec.exposure.host: Invalid value: spec.exposure.host is needed to expose the cluster: name the host clients use, or set spec.exposure.type to None",
  },
  {
    when: "a host without a route",
    spec: { exposure: { host: "a.example.com" } },
    want: "spec.exposure.host: Invalid value: spec.exposure.host belongs to spec.exposure.type Ingress or Gateway: remove it, or set the type to one of them",
  },
  {
    when: "negative memory",
    spec: { resources: { limits: { memory: -1 } } },
    want: "spec.resources.limits.memory: Invalid value: -1: spec.resources.limits.memory in body should be greater than or equal to 0",
  },
  ...["https://chat.example.com", "Chat.example.com", "chat.example.com:443", "chat.example.com/"].map((host) => ({
    when: `the host ${host}`,
    spec: { exposure: { type: "Ingress", host } },
    want: `spec.exposure.host: Invalid value: "${host}": spec.exposure.host must be a host name in small letters, without a scheme, a port or a path: write it as chat.example.com`,
  })),
  {
    when: "an IP address as host",
    spec: { exposure: { type: "Ingress", host: "10.0.0.1" } },
    want: "spec.exposure.host: Invalid value: spec.exposure.host must be a name, not an IP address, because routes match host names: give a host name",
  },
  {
    when: "a route without a Gateway",
    spec: { exposure: { type: "Gateway", host: "a.example.com" } },
    want: "spec.exposure.gateway: Invalid value: spec.exposure.type Gateway needs spec.exposure.gateway.parentRefs: name the Gateway the route belongs to",
  },
  {
    when: "ingress settings without an Ingress",
    spec: { exposure: { ingress: {} } },
    want: "spec.exposure.ingress: Invalid value: spec.exposure.ingress belongs to spec.exposure.type Ingress: remove it, or set the type to Ingress",
  },
  {
    when: "Gateway settings for an Ingress",
    spec: { exposure: { type: "Ingress", host: "a.example.com", gateway: { parentRefs: [{ name: "a" }] } } },
    want: "spec.exposure.gateway: Invalid value: spec.exposure.gateway belongs to spec.exposure.type Gateway: remove it, or set the type to Gateway",
  },
  {
    when: "a certificate for a Gateway",
    spec: {
      exposure: {
        type: "Gateway",
        host: "a.example.com",
        gateway: { parentRefs: [{ name: "a" }] },
        tls: { secretName: "a" },
      },
    },
    want: "spec.exposure.tls: Invalid value: spec.exposure.tls belongs to spec.exposure.type Ingress; a Gateway has its certificates in its own listeners: remove it",
  },
  {
    when: "an ingress class named twice",
    spec: {
      exposure: {
        type: "Ingress",
        host: "a.example.com",
        ingress: { className: "a", annotations: { "kubernetes.io/ingress.class": "b" } },
      },
    },
    want: "spec.exposure.ingress.className: Invalid value: spec.exposure.ingress names its class twice: remove className or the annotation kubernetes.io/ingress.class",
  },
  {
    when: "an annotation with a space in its name",
    spec: { exposure: { type: "Ingress", host: "a.example.com", ingress: { annotations: { "a b": "c" } } } },
    want: "spec.exposure.ingress.annotations: Invalid value: the keys of annotations must be names with or without a prefix, such as example.com/name",
  },
  {
    when: "a trusted proxy that is an address without a length",
    spec: { trustedProxies: ["10.0.0.1"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies must contain networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16",
  },
  {
    when: "a trusted proxy with an unknown name",
    spec: { trustedProxies: ["private", "fastly"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies must contain networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16",
  },
  {
    when: "a list of trusted proxies in one text",
    spec: { trustedProxies: ["private,gke"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies must contain networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16",
  },
  {
    when: "a network longer than an address",
    spec: { trustedProxies: ["10.0.0.0/33"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies must contain networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16",
  },
  {
    when: "more than 16 proxies in a row",
    spec: { trustedProxies: ["17"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies must contain networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16",
  },
  {
    when: "no more proxies",
    spec: { trustedProxies: ["private", "+0"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies must contain networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16",
  },
  {
    when: "a number of proxies and a network",
    spec: { trustedProxies: ["2", "private"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies with a number takes no other entry: remove the others, or write +N for N more proxies before the listed ones",
  },
  {
    when: "more proxies before none",
    spec: { trustedProxies: ["+1"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies takes one +N, and only together with a network or a name: add the network of the nearest proxy, such as private",
  },
  {
    when: "more proxies twice",
    spec: { trustedProxies: ["private", "+1", "+2"] },
    want: "spec.trustedProxies: Invalid value: spec.trustedProxies takes one +N, and only together with a network or a name: add the network of the nearest proxy, such as private",
  },
  {
    when: "a drain of zero seconds",
    spec: { drain: { timeoutSeconds: 0 } },
    want: "spec.drain.timeoutSeconds: Invalid value: 0: spec.drain.timeoutSeconds in body should be greater than or equal to 1",
  },
  {
    when: "a minimum above the maximum",
    spec: { autoscaling: { minReplicas: 5, maxReplicas: 2 } },
    want: "spec.autoscaling.minReplicas: Invalid value: spec.autoscaling.minReplicas must not be greater than spec.autoscaling.maxReplicas: raise the maximum or lower the minimum",
  },
  {
    when: "KEDA without a Prometheus",
    spec: { autoscaling: { type: "KEDA", maxReplicas: 2 } },
    want: "spec.autoscaling.prometheusAddress: Invalid value: spec.autoscaling.type KEDA needs spec.autoscaling.prometheusAddress: the address of the Prometheus that scrapes the gateways",
  },
  {
    when: "a label with a space in its name",
    spec: { monitoring: { serviceMonitor: { labels: { "a b": "c" } } } },
    want: "spec.monitoring.serviceMonitor.labels: Invalid value: the keys of labels must be names with or without a prefix, such as example.com/name",
  },
  {
    when: "a label with a space in its value",
    spec: { monitoring: { serviceMonitor: { labels: { release: "a b" } } } },
    want: "spec.monitoring.serviceMonitor.labels.release: Invalid value: \"a b\": spec.monitoring.serviceMonitor.labels.release in body should match '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'",
  },
];
