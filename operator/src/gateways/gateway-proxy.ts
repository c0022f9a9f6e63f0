import { resources } from "../api/resources.ts";
import type { KubeObject } from "../api/kube-object.ts";
import { ApiError } from "../kube/errors.ts";
import type { PodProxy } from "../kube/http/pod-proxy.ts";
import type { Kube } from "../kube/kube.ts";
import { authKeys } from "../manifests/auth-secret.ts";
import { namesOf, ports } from "../manifests/shared/names.ts";
import { gatewayClient, type GatewayClient, type GatewayCommand } from "./gateway-client.ts";
import type { GatewayHealth } from "./gateway-health.ts";

/**
 * Everything that a command needs to reach gateways through the API server. The API server checks the permissions of
 * the user.
 */
export interface ProxyAccess {
  pods: PodProxy;
  signal: AbortSignal;
}

/** A gateway's health, or the reason why it could not be read. */
export type HealthAnswer = GatewayHealth | { problem: string };

export async function healthOf({ pods, signal }: ProxyAccess, pod: KubeObject): Promise<HealthAnswer> {
  try {
    return await clientOf(pods).health(pod, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError && error.status === 403)
      return { problem: "you may not use pods/proxy or pods/portforward in this namespace" };
    if (error instanceof ApiError && error.status === 503) return { problem: "it does not answer" };
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * How many gateways are asked at the same time. With a thousand gateways, the command must not open a thousand
 * connections to the API server.
 */
const CONCURRENT_REQUESTS = 16;

/** The health of each gateway, by pod name. */
export async function healthsOf(
  access: ProxyAccess,
  gateways: readonly KubeObject[],
): Promise<Map<string, HealthAnswer>> {
  const healths = new Map<string, HealthAnswer>();
  const waiting = [...gateways];
  const askNext = async (): Promise<void> => {
    for (let pod = waiting.pop(); pod !== undefined; pod = waiting.pop())
      healths.set(pod.metadata.name, await healthOf(access, pod));
  };
  await Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, askNext));
  return healths;
}

/** Sends a command to a gateway. If the gateway refuses, throws an error with the gateway's message. */
export function sendCommand(
  { pods, signal }: ProxyAccess,
  pod: KubeObject,
  token: string,
  command: GatewayCommand,
): Promise<void> {
  return clientOf(pods).command(pod, token, command, signal);
}

/** The admin token of a cluster. If there is none, throws an error that says what to do. */
export async function adminTokenOf(
  { kube, signal }: { kube: Kube; signal: AbortSignal },
  namespace: string,
  cluster: string,
): Promise<string> {
  const { auth } = namesOf({ metadata: { name: cluster, namespace, uid: "" } });
  const secret = await kube.get(resources.secrets, namespace, auth, signal);
  const token = (secret?.["data"] as Record<string, string> | undefined)?.[authKeys.adminToken];
  if (token === undefined)
    throw new Error(
      `Secret ${namespace}/${auth} has no ${authKeys.adminToken}: the operator creates it, so check that the operator runs`,
    );
  return Buffer.from(token, "base64").toString("utf8");
}

function clientOf(pods: PodProxy): GatewayClient {
  return gatewayClient(({ metadata: { name, namespace = "" } }, request, signal) =>
    pods.ask({ name, namespace, port: ports.private }, request, signal),
  );
}
