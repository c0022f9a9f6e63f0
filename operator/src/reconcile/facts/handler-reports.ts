import type { HandlerFailure } from "../../gateways/gateway-health.ts";
import type { Facts } from "./facts.ts";
import { isReachable, isTerminating, podsOf } from "./pods.ts";

/** A handler from which some gateways get no valid answers. */
export interface HandlerReport {
  handler: string;
  /** Gateways that get no answer from the handler and therefore refuse its events. */
  away: readonly PodReport[];
  /** Gateways that get answers from the handler, but no valid ones. */
  invalid: readonly PodReport[];
}

/** The name under which gateways report the handler in their image. */
export const IN_IMAGE = "HANDLERS_MODULE";

type PodReport = HandlerFailure & { pod: string };

/**
 * What gateways report about the handlers of the spec. The first one is the handler from which the highest number of
 * gateways gets no answer. Reports of terminating gateways are left out.
 */
export function handlerReportsOf({ cluster, pods, answers }: Pick<Facts, "cluster" | "pods" | "answers">): {
  asked: number;
  /** Names of the pods whose gateways do not support spec.handlers. */
  lacking: readonly string[];
  reports: readonly HandlerReport[];
} {
  const answered = podsOf(pods, "server").flatMap((pod) => {
    const answer = answers.get(pod.metadata.uid ?? "");
    if (answer?.connections === undefined || isTerminating(pod) || !isReachable(pod)) return [];
    return [{ pod: pod.metadata.name, answer }];
  });
  const names = new Set([...cluster.spec.handlers.map(({ name }) => name), IN_IMAGE]);
  const failures = answered.flatMap(({ pod, answer: { handlers = [] } }) =>
    handlers.filter(({ handler }) => names.has(handler)).map((failure) => ({ pod, ...failure })),
  );
  const reports = [...Map.groupBy(failures, ({ handler }) => handler)].map(([handler, of]) => ({
    handler,
    away: of.filter(({ isAway }) => isAway),
    invalid: of.filter(({ isAway }) => !isAway),
  }));
  reports.sort((a, b) => b.away.length - a.away.length || (a.handler < b.handler ? -1 : 1));
  const lacking = answered.filter(({ answer }) => answer.lacks?.includes("handlers") === true);
  return { asked: answered.length, lacking: lacking.map(({ pod }) => pod), reports };
}
