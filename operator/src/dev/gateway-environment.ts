import type { EnvironmentVariable } from "../manifests/shared/env.ts";

export interface LocalEnvironment {
  name: string;
  liveConfigFile: string;
  /** Undefined: there is no Redis, and the only gateway keeps its ledger in memory. */
  redisUrl: string | undefined;
  secret: (name: string, key: string) => string;
}

const redisVariables = /^REDIS_(URL|HOST|PORT|PASSWORD|ENABLED|.*_FILE)$/;

/**
 * The environment of a local gateway process. It is that of the gateway's pod, but with local ports, a local Redis and
 * local files.
 */
export function gatewayEnvironment(
  variables: readonly EnvironmentVariable[],
  { name, liveConfigFile, redisUrl, secret }: LocalEnvironment,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name: variable, value, valueFrom } of variables) {
    if (redisVariables.test(variable)) continue;
    const { secretKeyRef, fieldRef } = valueFrom ?? {};
    if (secretKeyRef !== undefined) environment[variable] = secret(secretKeyRef.name, secretKeyRef.key);
    else if (fieldRef !== undefined) environment[variable] = name;
    // Replace $$ by $, as the kubelet does in a pod.
    else environment[variable] = (value ?? "").replaceAll("$$", "$");
  }
  return {
    ...environment,
    ...(redisUrl === undefined ? { REDIS_ENABLED: "false" } : { REDIS_ENABLED: "true", REDIS_URL: redisUrl }),
    ...{ POD_NAME: name, PORT: "0", ADMIN_PORT: "0", LIVE_CONFIG_FILE: liveConfigFile, NODE_ENV: "development" },
  };
}
