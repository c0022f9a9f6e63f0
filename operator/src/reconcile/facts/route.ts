import type { KubeObject } from "../../api/kube-object.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import type { Facts } from "./facts.ts";
import { childNamed } from "./ownership.ts";

/** What Gateways have reported about the HTTPRoute. `gateway` is the name of the Gateway that has reported it. */
export type RouteState =
  | { type: "accepted"; gateway: string }
  | { type: "refused"; gateway: string; reason: string | undefined; message: string | undefined }
  /**
   * No Gateway has reported on the newest generation of the route. `gateway` is a Gateway that has reported on an older
   * generation.
   */
  | { type: "notReported"; gateway?: string };

/** What Gateways have reported about the HTTPRoute. Undefined when the HTTPRoute does not exist. */
export function routeStateOf(facts: Pick<Facts, "children" | "cluster">): RouteState | undefined {
  const route = childNamed(facts, "HTTPRoute", namesOf(facts.cluster).server);
  return route === undefined ? undefined : stateOf(route);
}

/** Whether a Gateway has accepted the newest generation of the HTTPRoute. */
export function isRouteAccepted(facts: Pick<Facts, "children" | "cluster">): boolean {
  return routeStateOf(facts)?.type === "accepted";
}

function stateOf(route: KubeObject): RouteState {
  const { parents } = (route["status"] ?? {}) as { parents?: RouteParent[] };
  const { generation = 0 } = route.metadata;
  const reported = (parents ?? []).flatMap(({ parentRef, conditions }) =>
    (conditions ?? []).map((condition) => ({ ...condition, gateway: parentRef?.name ?? "" })),
  );
  // When a Gateway is removed from parentRefs, its report stays in the route's status. So only reports on this
  // generation count.
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
