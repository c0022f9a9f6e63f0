import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import type { IssuerKeys } from "../../gateways/gateway-health.ts";
import type { Facts } from "./facts.ts";
import { isReachable, isTerminating, podsOf } from "./pods.ts";

/** The keys of one issuer that some gateways cannot read, the worst report first. */
export interface IssuerReport {
  issuer: string;
  /** Gateways that refuse its tokens. */
  without: readonly { pod: string; reason: string | undefined }[];
  /** Gateways that use the keys they read before. */
  keeping: readonly { pod: string; reason: string | undefined }[];
}

/** The gateways that have answered, without terminating ones and those that read their first keys now. */
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

/** Whether no token of any issuer can be verified: nobody gets in. */
export function areAllTokensRefused(facts: Pick<Facts, "cluster" | "pods" | "answers">): boolean {
  const { issuers = [] } = facts.cluster.spec.auth.jwt ?? {};
  const { asked, reports } = issuerReportsOf(facts);
  const missing = reports.filter(({ without }) => without.length === asked);
  return issuers.length > 0 && asked > 0 && missing.length >= issuers.length;
}

/** Its first reading is under way: the gateway's words, in its first second. */
export function hasNotReadKeysYet({ issuers = [] }: Pick<GatewayAnswer, "issuers">): boolean {
  return issuers.some(({ keys, reason }) => keys === "none" && reason === "not read yet");
}

function reasonOf({ pod, reason }: IssuerKeys & { pod: string }): { pod: string; reason: string | undefined } {
  return { pod, reason };
}
