import { clusterWith, healthyFacts } from "../../../../test/reconcile/build.ts";
import { testCondition, found, healthy } from "../../../../test/reconcile/condition-cases.ts";

const moving = { gateways: 2, moved: 20, left: 80 };

testCondition("Rebalancing", [
  ["nothing was moved yet", found(healthyFacts()), "False NotNeeded"],
  ["the user turned it off", found(healthy({ rebalance: { mode: "Off" } })), "False Off", "spec.rebalance.mode is Off"],
  ["moves would cost messages", found(healthy({ recovery: { windowSeconds: 0 } })), "False Off"],
  ["polling clients would move at once", found(healthy({ transports: ["websocket", "polling"] })), "False Off"],
  [
    "the user wants it in spite of polling",
    found(healthy({ rebalance: { mode: "AfterScaleUp" }, transports: ["websocket", "polling"] })),
    "False NotNeeded",
  ],
  [
    "connections move",
    found(healthyFacts(), { rebalance: moving }),
    "True MovingConnections",
    "20 connections are moved, and 80 are still to move",
  ],
  [
    "the pass could not look, and connections moved before it",
    found(healthyFacts({ cluster: clusterWith({}, {}, { rebalance: moving }) })),
    "True MovingConnections",
  ],
  [
    "it is over",
    found(healthyFacts(), { rebalance: { gateways: 3, moved: 100, left: 0 } }),
    "False Even",
    "the last rebalance moved 100 connections",
  ],
]);
