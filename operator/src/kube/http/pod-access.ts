import { ApiError, ConnectionError } from "../errors.ts";
import type { PodPort, PodProxy } from "./pod-proxy.ts";

type Way = "proxy" | "portForward";
const other: Record<Way, Way> = { proxy: "portForward", portForward: "proxy" };

/**
 * Reaches pods through pods/proxy or through port-forward. If one way fails, it tries the other, because a
 * NetworkPolicy may block the API server's connections to pods, and the user may have the permission for one way only.
 * It remembers for each pod which way has worked.
 */
export function podAccess(ways: Record<Way, PodProxy>): PodProxy {
  const known = new Map<string, Way>();
  let last: Way = "proxy";

  const askBothWays: PodProxy["ask"] = async (pod, request, signal) => {
    const first = known.get(keyOf(pod)) ?? last;
    const second = other[first];
    const ask = async (way: Way) => {
      const answer = await ways[way].ask(pod, request, signal);
      known.set(keyOf(pod), way);
      last = way;
      return answer;
    };
    try {
      return await ask(first);
    } catch (firstError) {
      signal?.throwIfAborted();
      if (!mayWorkOtherwise(firstError)) throw firstError;
      try {
        return await ask(second);
      } catch (secondError) {
        signal?.throwIfAborted();
        const errors = { [first]: firstError, [second]: secondError } as Record<Way, unknown>;
        throw problemOf(pod, errors);
      }
    }
  };

  return {
    async ask(pod, request, signal) {
      if (request.method === "GET") return askBothWays(pod, request, signal);
      // A command must not be sent twice. So first send a harmless GET to find the way that reaches the pod. Then send
      // the command that way.
      if (!known.has(keyOf(pod))) await askBothWays(pod, { method: "GET", path: "/livez" }, signal);
      return ways[known.get(keyOf(pod)) ?? last].ask(pod, request, signal);
    },
  };
}

function keyOf({ namespace, name }: PodPort): string {
  return `${namespace}/${name}`;
}

/** After a 404 the other way would not work either, because the pod does not exist. */
function mayWorkOtherwise(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && error.status !== 404);
}

function problemOf({ name }: PodPort, { proxy, portForward }: Record<Way, unknown>): unknown {
  if (isForbidden(proxy) && isForbidden(portForward))
    return new ApiError(
      "you may not use pods/proxy or pods/portforward in this namespace: request get and create on one of them",
      {
        status: 403,
        reason: "Forbidden",
      },
    );
  if (isForbidden(proxy)) return portForward;
  if (!isForbidden(portForward)) return proxy;
  return new ConnectionError(
    `pod ${name} does not answer through pods/proxy. If a NetworkPolicy blocks the API server, get permission for get and create on pods/portforward, or add the API server's addresses to spec.networkPolicy.privateFrom`,
    { cause: proxy },
  );
}

function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}
