import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import type { IssuerKeys } from "../../gateways/gateway-health.ts";
import type { Facts } from "./facts.ts";
import { isReachable, isTerminating, podsOf } from "./pods.ts";

/** A token issuer whose keys some gateways cannot load. */
export interface IssuerReport {
  issuer: string;
  /** Gateways that have no keys of this issuer, and refuse its tokens. */
  without: readonly { pod: string; reason: string | undefined }[];
  /** Gateways that could not load the keys again, and use the keys of an earlier load. */
  keeping: readonly { pod: string; reason: string | undefined }[];
}

/**
 * What gateways report about token issuers. The first one is the issuer whose tokens the highest number of gateways
 * refuses. Reports of terminating gateways are left out, and so are those of gateways that are loading keys for the
 * first time.
 */
export function issuerReportsOf({ pods, answers }: Pick<Facts, "pods" | "answers">): {
  asked: number;
  isStarting: boolean;
  reports: readonly IssuerReport[];
} {
  const answered = podsOf(pods, "server").flatMap((pod) => {
    const answer = answers.get(pod.metadata.uid ?? "");
    if (answer?.connections === undefined || isTerminating(pod) || !isReachable(pod)) return [];
    return [{ pod: pod.metadata.name, answer }];
  });
  const settled = answered.filter(({ answer }) => !hasNotReadKeysYet(answer));
  const entries = settled.flatMap(({ pod, answer: { issuers = [] } }) => issuers.map((entry) => ({ pod, ...entry })));
  const reports = [...Map.groupBy(entries, ({ issuer }) => issuer)].map(([issuer, of]) => ({
    issuer,
    without: of.filter(({ keys }) => keys === "none").map(reasonOf),
    keeping: of.filter(({ keys }) => keys === "kept").map(reasonOf),
  }));
  reports.sort((a, b) => b.without.length - a.without.length || (a.issuer < b.issuer ? -1 : 1));
  return { asked: settled.length, isStarting: settled.length < answered.length, reports };
}

/** Whether no gateway can verify the tokens of any issuer, so that no client is accepted. */
export function areAllTokensRefused(facts: Pick<Facts, "cluster" | "pods" | "answers">): boolean {
  const { issuers = [] } = facts.cluster.spec.auth.jwt ?? {};
  const { asked, reports } = issuerReportsOf(facts);
  const missing = reports.filter(({ without }) => without.length === asked);
  return issuers.length > 0 && asked > 0 && missing.length >= issuers.length;
}

/**
 * Whether the gateway is loading its keys for the first time. In its first second, a gateway reports "not read yet".
 */
export function hasNotReadKeysYet({ issuers = [] }: Pick<GatewayAnswer, "issuers">): boolean {
  return issuers.some(({ keys, reason }) => keys === "none" && reason === "not read yet");
}

function reasonOf({ pod, reason }: IssuerKeys & { pod: string }): { pod: string; reason: string | undefined } {
  return { pod, reason };
}
