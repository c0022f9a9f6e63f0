import type { KubeObject } from "../../api/kube-object.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import type { Facts } from "./facts.ts";
import { childNamed } from "./ownership.ts";

/** The state of the HTTPRoute. `gateway` is the Gateway that has reported it. */
export type RouteState =
  | { type: "accepted"; gateway: string }
  | { type: "refused"; gateway: string; reason: string | undefined; message: string | undefined }
  /** No Gateway has reported on the newest version of the route. `gateway` has reported on an older one. */
  | { type: "notReported"; gateway?: string };

/** The state of the HTTPRoute. Undefined when it does not exist. */
export function routeStateOf(facts: Pick<Facts, "children" | "cluster">): RouteState | undefined {
  const route = childNamed(facts, "HTTPRoute", namesOf(facts.cluster).server);
  return route === undefined ? undefined : stateOf(route);
}

/** Whether a Gateway has accepted the newest version of the HTTPRoute. */
export function isRouteAccepted(facts: Pick<Facts, "children" | "cluster">): boolean {
  return routeStateOf(facts)?.type === "accepted";
}

function stateOf(route: KubeObject): RouteState {
  const { parents } = (route["status"] ?? {}) as { parents?: RouteParent[] };
  const { generation = 0 } = route.metadata;
  const reported = (parents ?? []).flatMap(({ parentRef, conditions }) =>
    (conditions ?? []).map((condition) => ({ ...condition, gateway: parentRef?.name ?? "" })),
  );
  // A Gateway that is no longer a parent leaves its entry in the status, so only entries of this generation count.
  const current = reported.filter(({ observedGeneration = generation }) => observedGeneration >= generation);
  const refused = current.find(
    ({ type, status }) => (type === "Accepted" || type === "ResolvedRefs") && status === "False",
  );
  if (refused !== undefined) {
    const { gateway, reason, message } = refused;
    return { type: "refused", gateway, reason, message };
  }
  const accepted = current.find(({ type, status }) => type === "Accepted" && status === "True");
  if (accepted !== undefined) return { type: "accepted", gateway: accepted.gateway };
  const [older] = reported;
  return { type: "notReported", ...(older === undefined ? {} : { gateway: older.gateway }) };
}

interface RouteParent {
  parentRef?: { name?: string };
  conditions?: { type: string; status: string; reason?: string; message?: string; observedGeneration?: number }[];
}
