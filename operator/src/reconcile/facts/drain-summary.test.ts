import { expect, test } from "@jest/globals";
import { clusterWith, healthyFacts, nowMs, podWith } from "../../../test/reconcile/build.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import { drainOf } from "./drain-summary.ts";

/** The default of spec.drain: 100 connections per second, for at most 300 s. The grace period is 30 s longer. */
const GRACE_SECONDS = 330;

const answersOf = (connections: Record<string, Partial<GatewayAnswer>>) =>
  new Map(Object.entries(connections).map(([name, answer]) => [`uid-${name}`, { askedAtMs: 0, ...answer }]));

/** A pod whose deletion began this many seconds ago. */
const leaving = (name: string, sinceSeconds = 0) =>
  podWith(name, {
    metadata: { deletionTimestamp: new Date(nowMs + (GRACE_SECONDS - sinceSeconds) * 1_000).toISOString() },
  });
const pods = [podWith("a"), podWith("b")];
const allAtOnce = clusterWith({ rollout: { strategy: "AllAtOnce" } });

test.each([
  { when: "no pod drains", facts: healthyFacts(), want: undefined },
  {
    when: "a pod terminates",
    facts: healthyFacts({
      pods: [podWith("a"), leaving("b")],
      answers: answersOf({ a: { connections: 500 }, b: { connections: 250 } }),
    }),
    want: { pods: 1, connectionsLeft: 250, secondsLeft: 3 },
  },
  {
    when: "two pods share the rate",
    facts: healthyFacts({
      pods: [leaving("a"), leaving("b", 20)],
      answers: answersOf({ a: { connections: 4_000 }, b: { connections: 2_000 } }),
    }),
    want: { pods: 2, connectionsLeft: 6_000, secondsLeft: 60 },
  },
  {
    when: "the deadline comes before the last move",
    facts: healthyFacts({ pods: [leaving("b", 280)], answers: answersOf({ b: { connections: 9_000 } }) }),
    want: { pods: 1, connectionsLeft: 9_000, secondsLeft: 20 },
  },
  {
    when: "the deadline has passed",
    facts: healthyFacts({ pods: [leaving("b", 310)], answers: answersOf({ b: { connections: 9_000 } }) }),
    want: { pods: 1, connectionsLeft: 9_000, secondsLeft: 0 },
  },
  {
    when: "a rollout all at once has just begun to stop gateways",
    facts: healthyFacts({
      cluster: allAtOnce,
      pods: [leaving("a", 4), leaving("b", 4)],
      answers: answersOf({ a: { connections: 1_000 }, b: { connections: 1_000 } }),
    }),
    want: { pods: 2, connectionsLeft: 2_000, secondsLeft: 26 },
  },
  {
    when: "a rollout all at once moves clients",
    facts: healthyFacts({
      cluster: allAtOnce,
      pods: [leaving("a", 15)],
      answers: answersOf({ a: { connections: 1_000 } }),
    }),
    want: { pods: 1, connectionsLeft: 1_000, secondsLeft: 10 },
  },
  {
    when: "a pod terminates that has never answered",
    facts: healthyFacts({ pods: [leaving("b")], answers: new Map() }),
    want: { pods: 1, connectionsLeft: 0, secondsLeft: 0 },
  },
  {
    when: "a pod drains while it runs",
    facts: healthyFacts({ pods, answers: answersOf({ a: { connections: 90, isDraining: true } }) }),
    want: { pods: 1, connectionsLeft: 90, secondsLeft: 1 },
  },
  {
    when: "a Redis pod terminates",
    facts: healthyFacts({ pods: [podWith("r", { component: "redis", metadata: { deletionTimestamp: "x" } })] }),
    want: undefined,
  },
])("counts what is left and for how long when $when", ({ facts, want }) => {
  expect(drainOf(facts)).toEqual(want);
});
