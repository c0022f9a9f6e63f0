import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import type { Facts } from "./facts.ts";
import { isReachable, isReady, isTerminating, podsOf } from "./pods.ts";

/** What one gateway last reported about Redis. */
export interface RedisReport extends Pick<GatewayAnswer, "bus" | "inexact"> {
  pod: string;
  isReady: boolean;
}

/** The reports of running gateways that have answered. Reports of terminating gateways are left out. */
export function redisReportsOf({ pods, answers }: Pick<Facts, "pods" | "answers">): RedisReport[] {
  return podsOf(pods, "server").flatMap((pod) => {
    const answer = answers.get(pod.metadata.uid ?? "");
    if (answer?.connections === undefined || isTerminating(pod) || !isReachable(pod)) return [];
    const { bus, inexact } = answer;
    // Ignore this answer: it is from before the gateway became ready, because a gateway becomes ready only after it has
    // reached Redis.
    if (bus?.phase === "never" && isReady(pod)) return [];
    return [
      {
        pod: pod.metadata.name,
        isReady: isReady(pod),
        ...(bus === undefined ? {} : { bus }),
        ...(inexact === undefined ? {} : { inexact }),
      },
    ];
  });
}

/** Whether the gateway is connecting to Redis for the first time. This takes about a second after its start. */
export function isConnecting({ inexact }: Pick<GatewayAnswer, "inexact">): boolean {
  return inexact?.reason === "connecting";
}

/**
 * Why a gateway cannot count limits for the whole cluster. The gateway has the same reasons in its ledger-reasons.ts.
 */
type LedgerReason = keyof typeof ledgerFaults;

interface LedgerFault {
  /** True when Redis answers, but refuses writes or is not the primary. False when gateways cannot reach it. */
  isAnswering: boolean;
  /** What the user should do, as the end of a condition's message. */
  remedy: { managed: string; external: string };
}

const network = {
  managed: "check DNS and NetworkPolicies between gateways and Redis",
  external: "check the URL, DNS, TLS and the network to your Redis",
};

const ledgerFaults = {
  unreachable: { isAnswering: false, remedy: network },
  timeout: { isAnswering: false, remedy: network },
  "out-of-memory": {
    isAnswering: true,
    remedy: {
      managed: "raise spec.redis.managed.resources.limits.memory",
      external: "raise maxmemory of your Redis, or remove other data from it",
    },
  },
  "disk-error": {
    isAnswering: true,
    remedy: {
      managed: "raise spec.redis.managed.storage, and read the log of the Redis pod",
      external: "free disk space on your Redis: it cannot save its data",
    },
  },
  "no-permission": {
    isAnswering: true,
    remedy: {
      managed: "restart the Redis pod: its users were changed at run time",
      external: "give the user of the URL the commands and keys that docs/server.md lists",
    },
  },
  "too-few-replicas": {
    isAnswering: true,
    remedy: {
      managed: "restart the Redis pod: min-replicas-to-write was set on it",
      external: "restart the replicas of your Redis, or lower its min-replicas-to-write",
    },
  },
  "read-only": {
    isAnswering: true,
    remedy: {
      managed: "restart the Redis pod: it was made a replica",
      external: "change the URL to the address of the primary, or use a redis+sentinel:// URL",
    },
  },
  error: {
    isAnswering: true,
    remedy: { managed: "read the log of the Redis pod", external: "read the log of your Redis" },
  },
} as const satisfies Record<string, LedgerFault>;

/**
 * If the operator does not know a reason, a newer gateway has sent it. It is then treated as "error": Redis has
 * answered with an error.
 */
export function ledgerReasonOf(reason: string): LedgerReason {
  return reason in ledgerFaults ? (reason as LedgerReason) : "error";
}

export function isRedisAnswering(reason: string): boolean {
  return ledgerFaults[ledgerReasonOf(reason)].isAnswering;
}

export function remedyOf(reason: string, { cluster }: Pick<Facts, "cluster">): string {
  const { remedy } = ledgerFaults[ledgerReasonOf(reason)];
  return cluster.spec.redis.type === "Managed" ? remedy.managed : remedy.external;
}
