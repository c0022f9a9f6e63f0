import { issuerReportsOf, type IssuerReport } from "../facts/issuer-reports.ts";
import { no, unknown, yes, type ConditionFunction, type Verdict } from "../findings.ts";

/** Whether all gateways have loaded the keys of every token issuer. */
export const issuersReady: ConditionFunction = ({ facts }) => {
  const { type, jwt } = facts.cluster.spec.auth;
  if (type === "None" || jwt?.issuers === undefined)
    return yes("Disabled", "spec.auth.jwt.issuers is not set: no keys of issuers are needed");
  const { asked, isStarting, reports } = issuerReportsOf(facts);
  const [first] = reports;
  if (first !== undefined) return wrong(first, asked, reports.length);
  if (asked > 0) return yes("KeysRead", "every gateway reads the keys of all issuers");
  return isStarting
    ? unknown("ReadingKeys", "the gateways are reading the keys of the issuers")
    : unknown("NotReported", "no gateway has reported on the keys of the issuers yet");
};

function wrong({ issuer, without, keeping }: IssuerReport, asked: number, issuers: number): Verdict {
  const [worst] = [...without, ...keeping];
  const why = `pod ${worst?.pod ?? ""}: ${worst?.reason ?? "the gateway's log says why"}`;
  const others = issuers === 1 ? "" : `; ${issuers - 1} more of the issuers cannot be read`;
  const remedy = "check the issuer's jwksURL, and DNS, TLS and the network from the gateways to it";
  if (without.length === 0)
    return no(
      "KeysKept",
      `${keeping.length} of ${asked} gateways cannot read the keys of ${issuer} now (${why}): they still use the keys that they read before, but they refuse tokens with newer keys, and new gateways refuse all its tokens; ${remedy}${others}`,
    );
  const text = `${without.length} of ${asked} gateways have no keys of ${issuer} (${why}): they refuse its tokens, and stock clients try again; ${remedy}${others}`;
  return without.length === asked ? no("KeysMissing", text) : no("KeysPartlyMissing", text);
}
