import { expect, test } from "@jest/globals";
import { clusterWith, podWith } from "../../../test/reconcile/build.ts";
import type { GatewayHealth } from "../../gateways/gateway-health.ts";
import { clusterText } from "./cluster-text.ts";
import { clusterView } from "./cluster-view.ts";

const draining = (connectionsLeft: number): GatewayHealth => ({
  status: "ok",
  connections: connectionsLeft,
  drain: { isDraining: true, connectionsLeft, secondsLeft: Math.ceil(connectionsLeft / 100) },
});

test("counts the seconds of gateways that drain at the same time with the rate that they share", () => {
  const names = ["chat-server-a", "chat-server-b", "chat-server-c"];
  const healths = new Map([
    ["chat-server-a", draining(3_000)],
    ["chat-server-b", draining(1_000)],
    ["chat-server-c", { status: "ok", connections: 500 }],
  ]);
  const pods = names.map((name) => podWith(name));
  // Both move 50 a second for 20 s; then one is empty, and the other moves 100 a second.
  expect(clusterView(clusterWith(), pods, healths).gateways.map(({ state }) => state)).toEqual([
    "draining, 3000 left (40s)",
    "draining, 1000 left (20s)",
    "serving",
  ]);
});

test("does not list the condition Rebalancing when no connections move", () => {
  const conditions = (status: "True" | "False") => [
    { type: "Rebalancing", status, reason: "NotNeeded", message: "", lastTransitionTime: "" },
  ];
  const listed = (status: "True" | "False") =>
    clusterView({ ...clusterWith(), status: { conditions: conditions(status) } }, [], new Map()).conditions;
  expect(listed("False")).toEqual([]);
  expect(listed("True")).toHaveLength(1);
});

test("says that new clients are refused when the cluster has as many connections as it allows", () => {
  const textWith = (total: number): string => {
    const health = { status: "ok", connections: 9, cluster: { connections: total } };
    const view = clusterView(clusterWith({ limits: { maxConnections: 20 } }), [], new Map([["chat-server-a", health]]));
    return clusterText(view, { paint: (_, text) => text, nowMs: 0, wide: false });
  };
  expect(textWith(32)).toContain("new clients are refused: 32 are connected, and spec.limits.maxConnections is 20");
  expect(textWith(19)).not.toContain("refused");
});
