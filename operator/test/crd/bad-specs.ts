import { badExposureSpecs, type BadSpec } from "./bad-exposure-specs.ts";
import { badHandlerSpecs } from "./handler-specs.ts";

function entraIssuer(tenant: string): object {
  return { issuer: `https://login.microsoftonline.com/${tenant}/v2.0`, audience: "b", jwksURL: "https://c" };
}

/** Specs that the API server refuses, with its whole message. The test adds an auth.jwt.secret to each. */
export const badSpecs: readonly BadSpec[] = [
  {
    when: "a label that the operator sets",
    spec: { labels: { "app.kubernetes.io/instance": "other" } },
    want: "spec.labels: Invalid value: spec.labels must leave out the labels the operator sets: app.kubernetes.io/name, instance, component, managed-by and part-of, and realtime.dev/ keys",
  },
  {
    when: "a label with an invalid key",
    spec: { labels: { "a b": "c" } },
    want: "spec.labels: Invalid value: the keys of labels must be names with or without a prefix, such as example.com/name",
  },
  {
    when: "an annotation that the operator sets",
    spec: { annotations: { "realtime.dev/template": "1" } },
    want: "spec.annotations: Invalid value: spec.annotations must leave out the annotations that controllers set: realtime.dev/ and deployment.kubernetes.io/ keys and controller.kubernetes.io/pod-deletion-cost",
  },
  {
    when: "KEDA's authentication for an HPA",
    spec: { autoscaling: { maxReplicas: 4, keda: { authenticationRef: { name: "thanos" } } } },
    want: "spec.autoscaling.keda: Invalid value: spec.autoscaling.keda belongs to spec.autoscaling.type KEDA: remove it, or set the type to KEDA",
  },
  {
    when: "modes of authentication without credentials",
    spec: {
      autoscaling: {
        type: "KEDA",
        maxReplicas: 4,
        prometheusAddress: "http://prometheus:9090",
        keda: { authModes: ["bearer"] },
      },
    },
    want: "spec.autoscaling.keda: Invalid value: spec.autoscaling.keda.authModes needs spec.autoscaling.keda.authenticationRef: name the TriggerAuthentication with the credentials",
  },
  {
    when: "trigger metadata that another field sets",
    spec: {
      autoscaling: {
        type: "KEDA",
        maxReplicas: 4,
        prometheusAddress: "http://prometheus:9090",
        keda: { metadata: { query: "vector(1)" } },
      },
    },
    want: "spec.autoscaling.keda.metadata: Invalid value: spec.autoscaling.keda.metadata must leave out serverAddress, query, threshold, ignoreNullValues, authModes and customHeaders: other fields set them",
  },
  {
    when: "a misspelt limit",
    spec: { limits: { maxConections: 5 } },
    want: 'Error from server (BadRequest): error when creating "STDIN": RealtimeCluster in version "v1beta1" cannot be handled as a RealtimeCluster: strict decoding error: unknown field "spec.limits.maxConections"',
  },
  {
    when: "a limit of zero connections",
    spec: { limits: { maxConnections: 0 } },
    want: "spec.limits.maxConnections: Invalid value: 0: spec.limits.maxConnections in body should be greater than or equal to 1",
  },
  {
    when: "an image with a space",
    spec: { image: "a b" },
    want: "spec.image: Invalid value: \"a b\": spec.image in body should match '^\\S*$'",
  },
  {
    when: "a request above its limit",
    spec: { resources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } },
    want: "spec.resources: Invalid value: requests must not be above limits: lower the request or raise the limit of that resource",
  },
  {
    when: "a request of Redis above its limit, one of them a number",
    spec: { redis: { managed: { resources: { requests: { cpu: "2" }, limits: { cpu: 1 } } } } },
    want: "spec.redis.managed.resources: Invalid value: requests must not be above limits: lower the request or raise the limit of that resource",
  },
  {
    when: "an origin with a path",
    spec: { origins: ["https://a.example.com/"] },
    want: 'spec.origins: Invalid value: spec.origins must contain "*" alone or origins such as https://app.example.com, capacitor://localhost, file:// or "null": scheme and host in small letters, without wildcards, a path or a slash at the end',
  },
  {
    when: "an origin with capitals, which no browser sends,",
    spec: { origins: ["https://A.example.com"] },
    want: 'spec.origins: Invalid value: spec.origins must contain "*" alone or origins such as https://app.example.com, capacitor://localhost, file:// or "null": scheme and host in small letters, without wildcards, a path or a slash at the end',
  },
  {
    when: "an origin with a wildcard, which would match nothing,",
    spec: { origins: ["https://*.example.com"] },
    want: 'spec.origins: Invalid value: spec.origins must contain "*" alone or origins such as https://app.example.com, capacitor://localhost, file:// or "null": scheme and host in small letters, without wildcards, a path or a slash at the end',
  },
  {
    when: "an origin with capitals in an app's scheme",
    spec: { origins: ["Capacitor://localhost"] },
    want: 'spec.origins: Invalid value: spec.origins must contain "*" alone or origins such as https://app.example.com, capacitor://localhost, file:// or "null": scheme and host in small letters, without wildcards, a path or a slash at the end',
  },
  {
    when: "an origin that is a file's URL, which no client sends,",
    spec: { origins: ["file:///index.html"] },
    want: 'spec.origins: Invalid value: spec.origins must contain "*" alone or origins such as https://app.example.com, capacitor://localhost, file:// or "null": scheme and host in small letters, without wildcards, a path or a slash at the end',
  },
  {
    when: "an origin with the default port, which no browser sends,",
    spec: { origins: ["https://a.example.com:443"] },
    want: "spec.origins: Invalid value: spec.origins must leave out the default ports 443 and 80, as browsers do: remove the port",
  },
  {
    when: "no transport",
    spec: { transports: [] },
    want: "spec.transports: Invalid value: 0: spec.transports in body should have at least 1 items",
  },
  {
    when: "a transport twice",
    spec: { transports: ["polling", "polling"] },
    want: 'spec.transports[1]: Duplicate value: "polling"',
  },
  {
    when: "polling behind Contour",
    spec: {
      transports: ["polling"],
      exposure: { type: "Ingress", host: "a.example.com", ingress: { controller: "Contour" } },
    },
    want: "spec.transports: Invalid value: spec.transports with polling needs session affinity, which Contour cannot give an Ingress: remove polling, or use another spec.exposure.ingress.controller",
  },
  {
    when: "JWT without a key",
    spec: { auth: { type: "JWT" } },
    want: "spec.auth: Invalid value: spec.auth.type JWT needs spec.auth.jwt: name a Secret in spec.auth.jwt.secret, or issuers in spec.auth.jwt.issuers",
  },
  {
    when: "no auth with a key",
    spec: { auth: { type: "None", jwt: { secret: { name: "a" } } } },
    want: "spec.auth.jwt: Invalid value: spec.auth.jwt belongs to spec.auth.type JWT: remove it, or set the type to JWT",
  },
  {
    when: "neither secret nor issuers",
    spec: { auth: { jwt: {} } },
    want: "spec.auth.jwt: Invalid value: spec.auth.jwt needs exactly one of secret (HS256) and issuers (public keys): keep one of them",
  },
  {
    when: "an empty list of issuers",
    spec: { auth: { jwt: { issuers: [] } } },
    want: "spec.auth.jwt: Invalid value: spec.auth.jwt needs exactly one of secret (HS256) and issuers (public keys): keep one of them",
  },
  {
    when: "an issuer without audience and clientId",
    spec: { auth: { jwt: { issuers: [{ issuer: "a", jwksURL: "https://c" }] } } },
    want: "spec.auth.jwt.issuers[0]: Invalid value: spec.auth.jwt.issuers needs an audience or a clientId in each entry: without them every token of the issuer would be accepted",
  },
  {
    when: "an issuer with a placeholder for the tenant",
    spec: { auth: { jwt: { issuers: [entraIssuer("{tenantid}")] } } },
    want: "spec.auth.jwt.issuers[0].issuer: Invalid value: spec.auth.jwt.issuers has an issuer with a placeholder such as {tenantid}, which no token has: write the iss of your tokens, and one entry for each tenant",
  },
  {
    when: "an issuer of Entra ID for all tenants",
    spec: { auth: { jwt: { issuers: [entraIssuer("common")] } } },
    want: "spec.auth.jwt.issuers[0].issuer: Invalid value: spec.auth.jwt.issuers has an issuer of Entra ID without the id of a tenant: tokens have the id in their iss, and never common, organizations, consumers or a domain: write the id, and one entry for each tenant",
  },
  {
    when: "a key set by FTP",
    spec: { auth: { jwt: { issuers: [{ issuer: "a", audience: "b", jwksURL: "ftp://c" }] } } },
    want: "spec.auth.jwt.issuers[0].jwksURL: Invalid value: \"ftp://c\": spec.auth.jwt.issuers[0].jwksURL in body should match '^https?://[^\\s/?#]+([/?]\\S*)?$'",
  },
  {
    when: "a Secret name that no Secret can have",
    spec: { auth: { jwt: { secret: { name: "No Name" } } } },
    want: "spec.auth.jwt.secret.name: Invalid value: \"No Name\": spec.auth.jwt.secret.name in body should match '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'",
  },
  {
    when: "three replicas without Redis",
    spec: { replicas: 3, redis: { type: "None" } },
    want: "spec.replicas: Invalid value: spec.redis.type None keeps all state in one pod: set spec.replicas to 1, or spec.redis.type to Managed or External",
  },
  {
    when: "autoscaling without Redis",
    spec: { replicas: 1, redis: { type: "None" }, autoscaling: { maxReplicas: 3 } },
    want: "spec.autoscaling: Invalid value: spec.autoscaling needs Redis: remove it, or set spec.redis.type to Managed or External",
  },
  {
    when: "settings of Redis without a Redis",
    spec: { replicas: 1, redis: { type: "None", managed: {} } },
    want: "spec.redis: Invalid value: spec.redis.type None takes neither spec.redis.managed nor spec.redis.external: remove them",
  },
  {
    when: "an external Redis without a URL",
    spec: { redis: { type: "External" } },
    want: "spec.redis.external: Invalid value: spec.redis.type External needs spec.redis.external.urlSecret: name the Secret that holds the URL",
  },
  {
    when: "a managed Redis with a URL",
    spec: { redis: { external: { urlSecret: { name: "a" } } } },
    want: "spec.redis.external: Invalid value: spec.redis.external belongs to spec.redis.type External: remove it, or set the type to External",
  },
  {
    when: "an external Redis with a volume",
    spec: { redis: { type: "External", external: { urlSecret: { name: "a" } }, managed: {} } },
    want: "spec.redis.managed: Invalid value: spec.redis.managed belongs to spec.redis.type Managed: remove it, or set the type to Managed",
  },
  {
    when: "a volume of zero size",
    spec: { redis: { managed: { storage: "0" } } },
    want: "spec.redis.managed.storage: Invalid value: spec.redis.managed.storage must be greater than 0: give a size such as 1Gi",
  },
  ...badExposureSpecs,
  ...badHandlerSpecs,
];
