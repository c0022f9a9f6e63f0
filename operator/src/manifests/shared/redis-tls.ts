import type { RealtimeCluster } from "../../api/realtime-cluster.ts";

/** A Secret and the files that the projected volume makes of its values. */
interface SecretSource {
  secret: { name: string; items: { key: string; path: string }[] };
}

const folder = "/etc/realtime-redis";
const volumeName = "redis-tls";

/**
 * The environment variables, volume and mount for the certificates of an external Redis. Empty when the spec names no
 * certificates. All files are in one volume, so that a renewal replaces them at the same time.
 */
export function redisTls({ spec }: RealtimeCluster): {
  variables: { name: string; path: string }[];
  volumes: { name: string; projected: { sources: SecretSource[] } }[];
  volumeMounts: { name: string; mountPath: string; readOnly: true }[];
} {
  const { caSecret, clientSecret } = (spec.redis.type === "External" ? spec.redis.external?.tls : undefined) ?? {};
  const ca = caSecret === undefined ? [] : [{ ...caSecret, path: "ca.crt", variable: "REDIS_CA_FILE" }];
  const client = clientSecret === undefined ? [] : clientFiles.map((file) => ({ ...file, name: clientSecret.name }));
  if (ca.length + client.length === 0) return { variables: [], volumes: [], volumeMounts: [] };
  const sources = [ca, client]
    .filter((files) => files.length > 0)
    .map((files) => ({ secret: { name: files[0]!.name, items: files.map(({ key, path }) => ({ key, path })) } }));
  return {
    variables: [...ca, ...client].map(({ variable, path }) => ({ name: variable, path: `${folder}/${path}` })),
    volumes: [{ name: volumeName, projected: { sources } }],
    volumeMounts: [{ name: volumeName, mountPath: folder, readOnly: true }],
  };
}

const clientFiles = [
  { key: "tls.crt", path: "tls.crt", variable: "REDIS_CERT_FILE" },
  { key: "tls.key", path: "tls.key", variable: "REDIS_KEY_FILE" },
];
