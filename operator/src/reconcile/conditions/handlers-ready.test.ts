import { emptyFacts } from "../../../test/reconcile/build.ts";
import { allAnswered, firstAnswered, found, healthy, testCondition } from "../../../test/reconcile/condition-cases.ts";
import { templateAnnotation } from "../../manifests/shared/pod-release.ts";
import type { Facts } from "../facts/facts.ts";

const service = { name: "orders", port: 8080 };
const orders = { name: "orders", service, events: ["order:*"] };
const carts = { name: "carts", url: "https://carts.example.com/", events: ["cart:*"] };
const withHandlers = healthy({ handlers: [orders, carts] });
const away = { handler: "orders", isAway: true, reason: "connect_failed", detail: "ECONNREFUSED" };
const failing = { handler: "carts", isAway: false, reason: "status", detail: "500" };

/** The facts in which the Deployment has an older pod template. */
const withTemplate = (facts: Facts, template: string): Facts => ({
  ...facts,
  children: facts.children.map((child) =>
    child.kind === "Deployment"
      ? { ...child, metadata: { ...child.metadata, annotations: { [templateAnnotation]: template } } }
      : child,
  ),
});

testCondition("HandlersReady", [
  ["there is no handler", found(healthy({})), "True Disabled"],
  ["all answer", found(withHandlers), "True Answering", "no gateway reports a handler that fails"],
  ["nobody has answered", found({ ...emptyFacts(), cluster: withHandlers.cluster }), "Unknown NotReported"],
  [
    "the pods are older than spec.handlers",
    found(withTemplate(withHandlers, "3")),
    "False UpgradePending",
    "the gateways have pod template 3, which knows no handlers, so gateways refuse the events of spec.handlers: set spec.upgrade to Automatic, which replaces the pods one after another",
  ],
  [
    "one gateway has an older image",
    found(firstAnswered(withHandlers, { lacks: ["handlers"] })),
    "False GatewaysTooOld",
    "1 of 2 gateways do not know spec.handlers (pod chat-server-1), so these gateways refuse the events of handlers: use a newer spec.image, or remove HANDLER_SECRET from spec.podPatch",
  ],
  [
    "a handler is away for all gateways, and another fails",
    found(allAnswered(withHandlers, { handlers: [failing, away] })),
    "False HandlerAway",
    "2 of 2 gateways get no answer from handler orders (pod chat-server-1: connect_failed, ECONNREFUSED): its events are refused with HANDLER_UNAVAILABLE, and everything else works; check http://orders.apps.svc:8080/ and the network from the gateways to it; 1 more of the handlers fails",
  ],
  ["a handler is away for one gateway", found(firstAnswered(withHandlers, { handlers: [away] })), "False HandlerAway"],
  [
    "a handler answers with errors of its own",
    found(firstAnswered(withHandlers, { handlers: [failing] })),
    "False HandlerFailing",
    "1 of 2 gateways get no valid answer from handler carts (pod chat-server-1: status, 500): these events are refused with HANDLER_UNAVAILABLE, and everything else works; check the log of https://carts.example.com/",
  ],
  [
    "the handler in the image fails, and the spec lists none",
    found(
      allAnswered(healthy({}), { handlers: [{ ...failing, handler: "HANDLERS_MODULE", reason: "threw", detail: "" }] }),
    ),
    "False HandlerFailing",
    "the handler in the image of 2 of 2 gateways gives no valid answer (pod chat-server-1: threw): clients get errors for its events, and everything else works; check the gateways' log for handler HANDLERS_MODULE",
  ],
  [
    "a handler fails that the spec does not list any more",
    found(allAnswered(withHandlers, { handlers: [{ ...away, handler: "old" }] })),
    "True Answering",
  ],
]);
