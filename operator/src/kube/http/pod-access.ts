import { ApiError, ConnectionError } from "../errors.ts";
import type { PodPort, PodProxy } from "./pod-proxy.ts";

type Way = "proxy" | "portForward";
const other: Record<Way, Way> = { proxy: "portForward", portForward: "proxy" };

/**
 * Reaches pods through pods/proxy, or through port-forward if that fails. A NetworkPolicy may block the API server's
 * own connections to pods, and the user may be allowed only one of the two. Remembers which one worked for each pod.
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
      // A command must not be sent twice. So first find out which of the two reaches the pod, then send the command.
      if (!known.has(keyOf(pod))) await askBothWays(pod, { method: "GET", path: "/livez" }, signal);
      return ways[known.get(keyOf(pod)) ?? last].ask(pod, request, signal);
    },
  };
}

function keyOf({ namespace, name }: PodPort): string {
  return `${namespace}/${name}`;
}

/** A pod that does not exist is missing in both ways. */
function mayWorkOtherwise(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && error.status !== 404);
}

function problemOf({ name }: PodPort, { proxy, portForward }: Record<Way, unknown>): unknown {
  if (isForbidden(proxy) && isForbidden(portForward))
    return new ApiError("you may not use pods/proxy or pods/portforward here: request get and create on one of them", {
      status: 403,
      reason: "Forbidden",
    });
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
