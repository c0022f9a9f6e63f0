import { describe, expect, test } from "@jest/globals";
import { clusterWith, healthyFacts, podWith } from "../../../test/reconcile/build.ts";
import { connectionsOf, recoveryOf } from "./summaries.ts";
import { twoDigits } from "./two-digits.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";

const answersOf = (connections: Record<string, Partial<GatewayAnswer>>) =>
  new Map(Object.entries(connections).map(([name, answer]) => [`uid-${name}`, { askedAtMs: 0, ...answer }]));
const pods = [podWith("a"), podWith("b")];

test.each([
  [0, 0],
  [99, 99],
  [100, 100],
  [104, 100],
  [105, 110],
  [12_345, 12_000],
  [99_500, 100_000],
  [1_999_999, 2_000_000],
])("%i is shown as %i", (count, want) => {
  expect(twoDigits(count)).toBe(want);
});

test("takes the cluster's own count from the newest answer, also from a gateway that ends", () => {
  const [old, young] = [podWith("a", { metadata: { deletionTimestamp: "2026-11-25T12:00:00Z" } }), podWith("b")];
  const answers = answersOf({
    a: { connections: 0, clusterConnections: 50, askedAtMs: 9 },
    b: { connections: 0, clusterConnections: 17, askedAtMs: 4 },
  });
  expect(connectionsOf(healthyFacts({ pods: [old, young], answers }))).toMatchObject({ total: 50 });
});

describe("connections", () => {
  const shown = (
    answers: Record<string, number>,
    before?: { total: number; mostLoadedPod: string; leastLoadedPod: string },
    some = pods,
  ) =>
    connectionsOf(
      healthyFacts({
        pods: some,
        answers: answersOf(
          Object.fromEntries(Object.entries(answers).map(([name, connections]) => [name, { connections }])),
        ),
        cluster: clusterWith({}, {}, { conditions: [], ...(before === undefined ? {} : { connections: before }) }),
      }),
    );

  test.each([
    { when: "no gateway has answered", answers: {}, want: undefined },
    {
      when: "one gateway has answered",
      answers: { a: 7 },
      want: { total: 7, mostLoadedPod: "a", leastLoadedPod: "a" },
    },
    {
      when: "both gateways have answered",
      answers: { a: 7, b: 1_300 },
      want: { total: 1_300, mostLoadedPod: "b", leastLoadedPod: "a" },
    },
    {
      when: "both gateways have as many, so that the names decide",
      answers: { b: 5, a: 5 },
      want: { total: 10, mostLoadedPod: "a", leastLoadedPod: "b" },
    },
    { when: "only a deleted pod has answered", answers: { gone: 5 }, want: undefined },
  ])("when $when", ({ answers, want }) => {
    expect(shown(answers)).toEqual(want);
  });

  test.each([
    { when: "vary around a rounding boundary", total: 1_300, now: 1_349, want: 1_300 },
    { when: "vary around it from above", total: 1_300, now: 1_250, want: 1_300 },
    { when: "grow by a whole step", total: 1_300, now: 1_400, want: 1_400 },
    { when: "shrink by a whole step", total: 1_300, now: 1_200, want: 1_200 },
    { when: "are few and grow by one", total: 7, now: 8, want: 8 },
    { when: "were none before", total: 0, now: 1, want: 1 },
  ])("the figure in the status becomes $want when the connections $when", ({ total, now, want }) => {
    expect(shown({ a: now, b: 0 }, { total, mostLoadedPod: "a", leastLoadedPod: "b" })?.total).toBe(want);
  });

  test("keeps the pod names while the figure stays, even when another pod has the most", () => {
    const before = { total: 100, mostLoadedPod: "b", leastLoadedPod: "a" };
    expect(shown({ a: 60, b: 40 }, before)).toEqual(before);
  });

  test("does not keep the name of a deleted pod", () => {
    expect(shown({ a: 60, b: 40 }, { total: 100, mostLoadedPod: "gone", leastLoadedPod: "a" })).toEqual({
      total: 100,
      mostLoadedPod: "a",
      leastLoadedPod: "b",
    });
  });

  test("does not count terminating pods, which are in the drain", () => {
    expect(
      shown({ a: 60, b: 40 }, undefined, [podWith("a"), podWith("b", { metadata: { deletionTimestamp: "x" } })]),
    ).toMatchObject({ total: 60 });
  });
});

describe("recovery", () => {
  const shown = (held: Record<string, number>, windowSeconds = 120) =>
    recoveryOf(
      healthyFacts({
        pods,
        cluster: clusterWith({ recovery: { windowSeconds } }),
        answers: answersOf(
          Object.fromEntries(
            Object.entries(held).map(([name, seconds]) => [
              name,
              { recovery: { windowSeconds: seconds, promisedSeconds: windowSeconds } },
            ]),
          ),
        ),
      }),
    );

  test.each([
    { when: "no gateway has reported", held: {}, want: undefined },
    {
      when: "all gateways hold the window",
      held: { a: 120, b: 120 },
      want: { promisedSeconds: 120, heldSeconds: 120 },
    },
    { when: "one gateway holds less", held: { a: 120, b: 71 }, want: { promisedSeconds: 120, heldSeconds: 60 } },
    { when: "a deleted pod held less", held: { a: 120, gone: 7 }, want: { promisedSeconds: 120, heldSeconds: 120 } },
    { when: "a gateway still has a longer window", held: { a: 300 }, want: { promisedSeconds: 120, heldSeconds: 120 } },
  ])("when $when", ({ held, want }) => {
    expect(shown(held)).toEqual(want);
  });

  test("is absent when recovery is off", () => {
    expect(shown({ a: 0, b: 0 }, 0)).toBeUndefined();
  });
});
