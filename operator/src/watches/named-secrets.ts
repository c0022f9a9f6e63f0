import type { RealtimeCluster } from "../api/realtime-cluster.ts";

/** A user's Secret, and the field of the cluster's spec that names it. */
export interface NamedSecret {
  /** The path of the field that names the Secret, without `.name` and `.key`. */
  path: string;
  name: string;
  key: string;
  use: keyof typeof leastBytes;
  /** True when the spec cannot name the key, because the key is always the same. */
  isKeyFixed?: true;
}

/** An HS256 key must have at least 32 bytes, the size of the hash (RFC 7518 §3.2). */
export const leastBytes = { hs256Key: 32, url: 1, pem: 1 } as const;

/**
 * The Secrets without which a cluster cannot run. The TLS Secret of an Ingress is not in the list, because gateways run
 * without it and cert-manager may create it later.
 */
export function namedSecretsOf({ spec }: Pick<RealtimeCluster, "spec">): NamedSecret[] {
  const named: NamedSecret[] = [];
  const jwt = spec.auth.type === "JWT" ? spec.auth.jwt?.secret : undefined;
  if (jwt !== undefined) named.push({ path: "spec.auth.jwt.secret", name: jwt.name, key: jwt.key, use: "hs256Key" });
  const url = spec.redis.type === "External" ? spec.redis.external?.urlSecret : undefined;
  if (url !== undefined)
    named.push({ path: "spec.redis.external.urlSecret", name: url.name, key: url.key, use: "url" });
  const { caSecret, clientSecret } = (spec.redis.type === "External" ? spec.redis.external?.tls : undefined) ?? {};
  const tls = "spec.redis.external.tls";
  if (caSecret !== undefined)
    named.push({ path: `${tls}.caSecret`, name: caSecret.name, key: caSecret.key, use: "pem" });
  if (clientSecret !== undefined)
    named.push(
      ...["tls.crt", "tls.key"].map((key) => ({
        path: `${tls}.clientSecret`,
        name: clientSecret.name,
        key,
        use: "pem" as const,
        isKeyFixed: true as const,
      })),
    );
  return named;
}

export function secretKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
