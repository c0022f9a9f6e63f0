import { expect, test } from "@jest/globals";
import type { Spec } from "../../api/realtime-cluster.ts";
import { differences } from "./handler-list.ts";

const entry = (events: string[], hooks: string[] = []): Spec["handlers"][number] =>
  ({ name: "orders", events, hooks }) as Spec["handlers"][number];

test.each([
  ["nothing when both have the same names", entry(["order:place"], ["join"]), ["order:place", "join"], []],
  ["nothing when a prefix of one covers a name of the other", entry(["order:*"]), ["order:place", "*"], []],
  [
    "the events and hooks that only one of them has",
    entry(["cart:add"], ["gone"]),
    ["order:place"],
    [
      "spec.handlers lists cart:add, but h.ts does not handle it",
      "spec.handlers lists gone, but h.ts does not handle it",
      "h.ts handles order:place, but spec.handlers does not list it, so gateways do not send it",
    ],
  ],
])("names %s", (_what, listed, handled, want) => {
  expect(differences([listed], { events: handled, hooks: [] }, "h.ts")).toEqual(want);
});
