/**
 * An edit of one field of the minimal cluster. `from` is what the spec has before the edit, and `to` is the new value.
 * Null removes the field.
 */
export interface FieldEdit {
  from?: object;
  to: object;
  /**
   * True when the edit changes no manifest. It changes only what the operator does, or a claim that
   * redis-volume-claims.ts patches.
   */
  wantNothing?: boolean;
}

const withTls = (tls: Record<string, unknown>) => ({ redis: { external: { tls } } });
const external = { redis: { type: "External", external: { urlSecret: { name: "old" } } } };
const issuer = { issuer: "https://a.example.com", audience: "chat", jwksURL: "https://a.example.com/jwks" };
const issuers = (change: object) => ({ auth: { jwt: { secret: null, issuers: [{ ...issuer, ...change }] } } });
const ingress = { exposure: { type: "Ingress", host: "a.example.com", ingress: {} } };
const parent = { name: "public" };
const gateway = { exposure: { type: "Gateway", host: "a.example.com", gateway: { parentRefs: [parent] } } };
const hpa = { autoscaling: { maxReplicas: 4 } };
const keda = { autoscaling: { type: "KEDA", maxReplicas: 4, prometheusAddress: "http://a:9090" } };
const kedaWithAuth = {
  autoscaling: { ...keda.autoscaling, keda: { authenticationRef: { name: "thanos" } } },
};
const monitored = { monitoring: { serviceMonitor: { enabled: true } } };

const handlers = (change: object) => ({
  handlers: [{ name: "orders", url: "http://orders/", events: ["order:*"], ...change }],
});
const handlerService = (change: object) =>
  handlers({ url: undefined, service: { name: "orders", port: 8080, ...change } });
const withHandlerService = { from: handlerService({}) };
const withHandler = { from: handlers({}) };

/** Edits of all leaves of the schema, one for each. */
export const fieldEdits: Readonly<Record<string, FieldEdit>> = {
  replicas: { to: { replicas: 3 } },
  image: { to: { image: "registry.example.com/gateway:2" } },
  upgrade: { to: { upgrade: "Automatic" }, wantNothing: true },
  imagePullPolicy: { to: { imagePullPolicy: "Always" } },
  "imagePullSecrets[].name": { to: { imagePullSecrets: [{ name: "pull" }] } },
  "resources.requests": { to: { resources: { requests: { cpu: "1" } } } },
  "resources.limits": { to: { resources: { limits: { memory: "1Gi" } } } },
  "limits.maxConnections": {
    from: { monitoring: { prometheusRule: { enabled: true } } },
    to: { limits: { maxConnections: 1 } },
  },
  "limits.maxConnectionsPerUser": { to: { limits: { maxConnectionsPerUser: 1 } } },
  "limits.maxRoomsPerUser": { to: { limits: { maxRoomsPerUser: 1 } } },
  "limits.maxEventsPerMinute": { to: { limits: { maxEventsPerMinute: 1 } } },
  "limits.maxMessageBytes": { to: { limits: { maxMessageBytes: 1024 } } },
  "limits.maxConnectionsPerAddress": { to: { limits: { maxConnectionsPerAddress: 1 } } },
  "limits.maxQueuedBytes": { to: { limits: { maxQueuedBytes: 16384 } } },
  origins: { to: { origins: ["https://app.example.com"] } },
  transports: { to: { transports: ["websocket", "polling"] } },
  "auth.type": { from: { auth: { jwt: null } }, to: { auth: { type: "None" } } },
  "auth.jwt.secret.name": { to: { auth: { jwt: { secret: { name: "other" } } } } },
  "auth.jwt.secret.key": { to: { auth: { jwt: { secret: { key: "other" } } } } },
  "auth.jwt.issuers[].issuer": { from: issuers({}), to: issuers({ issuer: "https://b.example.com" }) },
  "auth.jwt.issuers[].audience": { from: issuers({}), to: issuers({ audience: "other" }) },
  "auth.jwt.issuers[].clientId": { from: issuers({}), to: issuers({ clientId: "web" }) },
  "auth.jwt.issuers[].roomsClaim": { from: issuers({}), to: issuers({ roomsClaim: "groups" }) },
  "auth.jwt.issuers[].jwksURL": { from: issuers({}), to: issuers({ jwksURL: "https://b.example.com/jwks" }) },
  "auth.rooms": { to: { auth: { rooms: "Open" } } },
  "redis.type": { from: { replicas: 1 }, to: { redis: { type: "None" } } },
  "redis.managed.replicas": { to: { redis: { managed: { replicas: 2 } } } },
  "redis.managed.storage": { to: { redis: { managed: { storage: "2Gi" } } }, wantNothing: true },
  "redis.managed.storageClassName": { to: { redis: { managed: { storageClassName: "fast" } } } },
  "redis.managed.image": { to: { redis: { managed: { image: "registry.example.com/redis:8" } } } },
  "redis.managed.dataPolicy": { to: { redis: { managed: { dataPolicy: "Retain" } } } },
  "redis.managed.resources.requests": { to: { redis: { managed: { resources: { requests: { cpu: "1" } } } } } },
  "redis.managed.resources.limits": { to: { redis: { managed: { resources: { limits: { memory: "1Gi" } } } } } },
  "redis.managed.podPatch": { to: { redis: { managed: { podPatch: { spec: { priorityClassName: "high" } } } } } },
  "redis.external.urlSecret.name": { from: external, to: { redis: { external: { urlSecret: { name: "new" } } } } },
  "redis.external.tls.caSecret.name": { from: external, to: withTls({ caSecret: { name: "ca", key: "ca.crt" } }) },
  "redis.external.tls.caSecret.key": { from: external, to: withTls({ caSecret: { name: "ca", key: "root.pem" } }) },
  "redis.external.tls.clientSecret.name": { from: external, to: withTls({ clientSecret: { name: "client" } }) },
  "redis.external.urlSecret.key": { from: external, to: { redis: { external: { urlSecret: { key: "other" } } } } },
  "exposure.type": { from: { exposure: { host: "a.example.com" } }, to: { exposure: { type: "Ingress" } } },
  "exposure.host": { from: ingress, to: { exposure: { host: "b.example.com" } } },
  "exposure.tls.secretName": { from: ingress, to: { exposure: { tls: { secretName: "tls" } } } },
  "exposure.ingress.className": { from: ingress, to: { exposure: { ingress: { className: "edge" } } } },
  "exposure.ingress.controller": { from: ingress, to: { exposure: { ingress: { controller: "GKE" } } } },
  "exposure.ingress.annotations": { from: ingress, to: { exposure: { ingress: { annotations: { a: "b" } } } } },
  "exposure.ingress.serviceAnnotations": {
    from: ingress,
    to: { exposure: { ingress: { serviceAnnotations: { a: "b" } } } },
  },
  "exposure.gateway.parentRefs[].name": {
    from: gateway,
    to: { exposure: { gateway: { parentRefs: [{ name: "other" }] } } },
  },
  "exposure.gateway.parentRefs[].namespace": {
    from: gateway,
    to: { exposure: { gateway: { parentRefs: [{ ...parent, namespace: "gateways" }] } } },
  },
  "exposure.gateway.parentRefs[].sectionName": {
    from: gateway,
    to: { exposure: { gateway: { parentRefs: [{ ...parent, sectionName: "https" }] } } },
  },
  "exposure.gateway.parentRefs[].port": {
    from: gateway,
    to: { exposure: { gateway: { parentRefs: [{ ...parent, port: 443 }] } } },
  },
  trustedProxies: { to: { trustedProxies: ["10.0.0.0/8"] } },
  "drain.connectionsPerSecond": { to: { drain: { connectionsPerSecond: 1 } } },
  "drain.timeoutSeconds": { to: { drain: { timeoutSeconds: 1 } } },
  maxConnectionAgeSeconds: { to: { maxConnectionAgeSeconds: 3_600 } },
  "rollout.strategy": { to: { rollout: { strategy: "AllAtOnce" } } },
  "rebalance.mode": { to: { rebalance: { mode: "Off" } }, wantNothing: true },
  "rebalance.tolerancePercent": { to: { rebalance: { tolerancePercent: 20 } }, wantNothing: true },
  "recovery.windowSeconds": { to: { recovery: { windowSeconds: 0 } } },
  "recovery.maxBytes": { to: { recovery: { maxBytes: "64Mi" } } },
  "recovery.presenceGraceSeconds": { to: { recovery: { presenceGraceSeconds: 0 } } },
  "handlers[].name": { ...withHandler, to: handlers({ name: "shop" }) },
  "handlers[].url": { ...withHandler, to: handlers({ url: "http://shop/" }) },
  "handlers[].service.name": { ...withHandlerService, to: handlerService({ name: "shop" }) },
  "handlers[].service.namespace": { ...withHandlerService, to: handlerService({ namespace: "shop" }) },
  "handlers[].service.port": { ...withHandlerService, to: handlerService({ port: 80 }) },
  "handlers[].service.path": { ...withHandlerService, to: handlerService({ path: "/realtime" }) },
  "handlers[].events": { ...withHandler, to: handlers({ events: ["cart:*"] }) },
  "handlers[].hooks": { ...withHandler, to: handlers({ hooks: ["join"] }) },
  "handlers[].timeoutMilliseconds": { ...withHandler, to: handlers({ timeoutMilliseconds: 50 }) },
  "handlers[].maxInFlight": { ...withHandler, to: handlers({ maxInFlight: 1 }) },
  "handlers[].order": { ...withHandler, to: handlers({ order: "None" }) },
  "handlers[].onFailure": { ...withHandler, to: handlers({ onFailure: "Allow" }) },
  "handlers[].idempotent": { ...withHandler, to: handlers({ idempotent: true }) },
  "autoscaling.type": { from: keda, to: { autoscaling: { type: "HPA" } } },
  "autoscaling.minReplicas": { from: hpa, to: { autoscaling: { minReplicas: 3 } } },
  "autoscaling.maxReplicas": { from: hpa, to: { autoscaling: { maxReplicas: 5 } } },
  "autoscaling.connectionsPerPod": { from: hpa, to: { autoscaling: { connectionsPerPod: 1 } } },
  "autoscaling.prometheusAddress": { from: keda, to: { autoscaling: { prometheusAddress: "http://b:9090" } } },
  "autoscaling.keda.authenticationRef.name": {
    from: keda,
    to: { autoscaling: { keda: { authenticationRef: { name: "thanos" } } } },
  },
  "autoscaling.keda.authenticationRef.kind": {
    from: kedaWithAuth,
    to: { autoscaling: { keda: { authenticationRef: { kind: "ClusterTriggerAuthentication" } } } },
  },
  "autoscaling.keda.authModes": { from: kedaWithAuth, to: { autoscaling: { keda: { authModes: ["bearer"] } } } },
  "autoscaling.keda.customHeaders": {
    from: keda,
    to: { autoscaling: { keda: { customHeaders: { "X-Scope-OrgID": "apps" } } } },
  },
  "autoscaling.keda.metadata": { from: keda, to: { autoscaling: { keda: { metadata: { namespace: "apps" } } } } },
  "monitoring.serviceMonitor.enabled": { to: monitored },
  "monitoring.serviceMonitor.labels": {
    from: monitored,
    to: { monitoring: { serviceMonitor: { labels: { release: "a" } } } },
  },
  "monitoring.serviceMonitor.interval": {
    from: monitored,
    to: { monitoring: { serviceMonitor: { interval: "10s" } } },
  },
  "monitoring.prometheusRule.enabled": { to: { monitoring: { prometheusRule: { enabled: true } } } },
  "monitoring.dashboard.enabled": { to: { monitoring: { dashboard: { enabled: true } } } },
  "networkPolicy.enabled": { to: { networkPolicy: { enabled: false } } },
  "networkPolicy.privateFrom": { to: { networkPolicy: { privateFrom: [] } } },
  "networkPolicy.egress": { to: { networkPolicy: { egress: "Restricted" } } },
  labels: { to: { labels: { team: "web" } } },
  annotations: { to: { annotations: { "example.com/owner": "web" } } },
  podPatch: { to: { podPatch: { spec: { priorityClassName: "high" } } } },
  paused: { to: { paused: true }, wantNothing: true },
};
