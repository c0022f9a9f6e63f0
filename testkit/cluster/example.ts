/** The RealtimeCluster that `make up` applies. */
export const EXAMPLE = {
  namespace: "apps",
  name: "minimal",
  host: "minimal.realtime.test",
  secret: "minimal-jwt",
} as const;
