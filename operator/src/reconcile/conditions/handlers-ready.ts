import { handlerEntries } from "../../manifests/handler-entries.ts";
import { knowsHandlers } from "../../manifests/shared/pod-release.ts";
import type { Facts } from "../facts/facts.ts";
import { handlerReportsOf, IN_IMAGE, type HandlerReport } from "../facts/handler-reports.ts";
import { podReleases } from "../facts/pod-releases.ts";
import { no, unknown, yes, type ConditionFunction, type Verdict } from "../findings.ts";

/** Whether the application's handlers answer the gateways. */
export const handlersReady: ConditionFunction = ({ facts }) => {
  const { asked, lacking, reports } = handlerReportsOf(facts);
  const [first] = reports;
  if (facts.cluster.spec.handlers.length === 0)
    return first === undefined
      ? yes("Disabled", "spec.handlers is empty: gateways answer only their own events")
      : failing(first, facts, { asked, others: 0 });
  const { template } = podReleases(facts).gateway.wanted;
  if (!knowsHandlers(template))
    return no(
      "UpgradePending",
      `the gateways have pod template ${template}, which knows no handlers, so gateways refuse the events of spec.handlers: set spec.upgrade to Automatic, which replaces the pods one after another`,
    );
  if (lacking.length > 0)
    return no(
      "GatewaysTooOld",
      `${lacking.length} of ${asked} gateways do not know spec.handlers (pod ${lacking[0]}), so these gateways refuse the events of handlers: use a newer spec.image, or remove HANDLER_SECRET from spec.podPatch`,
    );
  if (first !== undefined) return failing(first, facts, { asked, others: reports.length - 1 });
  return asked === 0
    ? unknown("NotReported", "no gateway has reported on the handlers yet")
    : yes("Answering", "no gateway reports a handler that fails");
};

function failing(
  { handler, away, invalid }: HandlerReport,
  { cluster }: Facts,
  { asked, others }: { asked: number; others: number },
): Verdict {
  const [worst] = [...away, ...invalid];
  const why = `pod ${worst?.pod ?? ""}: ${[worst?.reason, worst?.detail].filter(Boolean).join(", ")}`;
  const more = others === 0 ? "" : `; ${others} more of the handlers ${others === 1 ? "fails" : "fail"}`;
  if (handler === IN_IMAGE)
    return no(
      "HandlerFailing",
      `the handler in the image of ${invalid.length} of ${asked} gateways gives no valid answer (${why}): clients get errors for its events, and everything else works; check the gateways' log for handler ${IN_IMAGE}${more}`,
    );
  const url = handlerEntries(cluster).find(({ name }) => name === handler)?.url ?? "";
  if (away.length > 0)
    return no(
      "HandlerAway",
      `${away.length} of ${asked} gateways get no answer from handler ${handler} (${why}): its events are refused with HANDLER_UNAVAILABLE, and everything else works; check ${url} and the network from the gateways to it${more}`,
    );
  return no(
    "HandlerFailing",
    `${invalid.length} of ${asked} gateways get no valid answer from handler ${handler} (${why}): these events are refused with HANDLER_UNAVAILABLE, and everything else works; check the log of ${url}${more}`,
  );
}
