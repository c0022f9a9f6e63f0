import { resources } from "../api/resources.ts";
import type { KubeObject } from "../api/kube-object.ts";
import { ApiError } from "../kube/errors.ts";
import { authKeys } from "../manifests/auth-secret.ts";
import { namesOf, ports } from "../manifests/shared/names.ts";
import type { KubeContext } from "../cli/kube-context.ts";

/** What a gateway says of itself at /api/websocket/health, as far as it is shown. */
export interface GatewayHealth {
  status: string;
  reason?: string;
  connections: number;
  bus?: { phase?: string };
  cluster?: { limits?: string };
  drain?: { isDraining?: boolean; connectionsLeft?: number; secondsLeft?: number };
}

/** The header in which a gateway takes its admin token: the API server's proxy keeps Authorization for itself. */
export const adminTokenHeader = "x-realtime-token";

/** A gateway's health by way of the API server, or why there is none to be had. */
export async function healthOf(
  { pods, signal }: Pick<KubeContext, "pods" | "signal">,
  pod: KubeObject,
): Promise<GatewayHealth | { problem: string }> {
  try {
    // 503 is how a gateway that is not ready answers, and its body is its health all the same.
    const { status, text } = await pods.ask(
      privatePortOf(pod),
      { method: "GET", path: "/api/websocket/health" },
      signal,
    );
    const health = parsed(text);
    return typeof health?.["connections"] === "number"
      ? (health as unknown as GatewayHealth)
      : { problem: `it answered ${status} without its health` };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError && error.status === 403) return { problem: "you may not get pods/proxy here" };
    return {
      problem:
        error instanceof ApiError && error.status === 503
          ? "it does not answer"
          : error instanceof Error
            ? error.message
            : String(error),
    };
  }
}

/** Gateways asked at a time: a fleet of a thousand must not become a thousand connections to the API server. */
const askedAtATime = 16;

/** The health of each, by the pod's name. */
export async function healthsOf(
  kubeContext: Pick<KubeContext, "pods" | "signal">,
  gateways: readonly KubeObject[],
): Promise<Map<string, GatewayHealth | { problem: string }>> {
  const healths = new Map<string, GatewayHealth | { problem: string }>();
  const waiting = [...gateways];
  const ask = async (): Promise<void> => {
    for (let pod = waiting.pop(); pod !== undefined; pod = waiting.pop())
      healths.set(pod.metadata.name, await healthOf(kubeContext, pod));
  };
  await Promise.all(Array.from({ length: askedAtATime }, ask));
  return healths;
}

/** Tells a gateway to do something. Throws with its own words where it refuses. */
export async function command(
  { pods, signal }: Pick<KubeContext, "pods" | "signal">,
  pod: KubeObject,
  token: string,
  path: "/drain" | "/shed",
  body?: object,
): Promise<void> {
  const request = {
    method: "POST",
    path,
    headers: { [adminTokenHeader]: token },
    ...(body === undefined ? {} : { body }),
  } as const;
  const { status, text } = await pods.ask(privatePortOf(pod), request, signal);
  if (status < 200 || status > 299)
    throw new Error(`pod ${pod.metadata.name} refuses ${path}: ${errorOf(text).slice(0, 200)}`);
}

/** The admin token of a cluster. Throws with the way out where it cannot be had. */
export async function adminTokenOf(
  { kube, signal }: Pick<KubeContext, "kube" | "signal">,
  namespace: string,
  cluster: string,
): Promise<string> {
  const { auth } = namesOf({ metadata: { name: cluster, namespace, uid: "" } });
  const secret = await kube.get(resources.secrets, namespace, auth, signal);
  const token = (secret?.["data"] as Record<string, string> | undefined)?.[authKeys.adminToken];
  if (token === undefined)
    throw new Error(
      `Secret ${namespace}/${auth} has no ${authKeys.adminToken}: the operator makes it, so look whether it runs`,
    );
  return Buffer.from(token, "base64").toString("utf8");
}

function privatePortOf({ metadata: { name, namespace = "" } }: KubeObject) {
  return { name, namespace, port: ports.private };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function errorOf(text: string): string {
  const error = parsed(text)?.["error"];
  return typeof error === "string" ? error : text;
}
