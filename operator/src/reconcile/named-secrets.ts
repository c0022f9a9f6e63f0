import type { RealtimeCluster } from "../api/realtime-cluster.ts";

/** A Secret of the user's that a cluster names, and where in the spec. */
export interface NamedSecret {
  /** Of the field that names it, without `.name` and `.key`. */
  path: string;
  name: string;
  key: string;
  leastBytes: number;
}

/** RFC 7518 §3.2: an HS256 key has at least as many bits as the hash. */
const HS256_KEY_BYTES = 32;

/** The Secrets a cluster cannot do without. Those of an ingress's TLS are not among them: cert-manager may fill them later. */
export function namedSecretsOf({ spec }: Pick<RealtimeCluster, "spec">): NamedSecret[] {
  const named: NamedSecret[] = [];
  const jwt = spec.auth.type === "JWT" ? spec.auth.jwt?.secret : undefined;
  if (jwt !== undefined) named.push({ path: "spec.auth.jwt.secret", name: jwt.name, key: jwt.key, leastBytes: HS256_KEY_BYTES });
  const url = spec.redis.type === "External" ? spec.redis.external?.urlSecret : undefined;
  if (url !== undefined) named.push({ path: "spec.redis.external.urlSecret", name: url.name, key: url.key, leastBytes: 1 });
  return named;
}

export function secretKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
