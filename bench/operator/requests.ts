/** Number of requests to the API server for each verb, as the operator counts them in its metrics. */
export type Requests = Readonly<Record<string, number>>;

export function requestsOf(metrics: string): Requests {
  const counts: Record<string, number> = {};
  for (const [, verb = "", value] of metrics.matchAll(
    /^realtime_operator_api_requests_total\{verb="(\w+)",code="\w+"\} (\d+)$/gm,
  ))
    counts[verb] = (counts[verb] ?? 0) + Number(value);
  return counts;
}

/** How many read requests were sent between two readings of the metrics. Watches do not count. */
export function reads(before: Requests, after: Requests): number {
  return sum(before, after, ["get", "list", "discover", "openapi"]);
}

export function writes(before: Requests, after: Requests): number {
  return sum(before, after, ["apply", "create", "patch", "delete"]);
}

function sum(before: Requests, after: Requests, verbs: readonly string[]): number {
  return verbs.reduce((total, verb) => total + (after[verb] ?? 0) - (before[verb] ?? 0), 0);
}
