import { describe, expect, test } from "@jest/globals";
import type { Status } from "../../api/realtime-cluster.ts";
import { clusterWith, healthyFacts, nowMs, podWith } from "../../../test/reconcile/build.ts";
import { fakeGateways } from "../../../test/reconcile/fake-gateways.ts";
import type { Facts } from "../facts/facts.ts";
import { rebalance } from "./rebalance.ts";

const MINUTE_MS = 60_000;
const signal = new AbortController().signal;

function podReady(name: string, sinceMs: number, isReady = true) {
  const lastTransitionTime = new Date(nowMs - sinceMs).toISOString();
  return podWith(name, {
    status: { conditions: [{ type: "Ready", status: isReady ? "True" : "False", lastTransitionTime }] },
  });
}

interface Stage {
  connections?: Record<string, number>;
  before?: Status["rebalance"];
  /** True: the status does not have a rebalance yet. */
  isNew?: boolean;
  /** True: every gateway refuses to move connections. */
  refuses?: boolean;
  spec?: object;
  change?: Partial<Facts>;
  /** For how many milliseconds the third gateway's pod has been ready. */
  readyForMs?: number;
  unready?: readonly string[];
  silent?: readonly string[];
  /** Whether Kubernetes counts the third gateway's pod as ready. */
  isThirdReady?: boolean;
}

const usual = {
  ...{ connections: { a: 300, b: 300, c: 0 }, before: { gateways: 2 }, readyForMs: MINUTE_MS },
  ...{ isNew: false, refuses: false, unready: [], silent: [] },
};

/** Runs rebalance() once on three gateways. The third gateway is new. */
async function look(given: Stage) {
  const { connections, before, isNew, refuses, spec, change, readyForMs, unready, silent } = { ...usual, ...given };
  const pods = [
    podReady("a", 60 * MINUTE_MS),
    podReady("b", 60 * MINUTE_MS),
    podReady("c", readyForMs, given.isThirdReady),
  ];
  const cluster = clusterWith({ replicas: 3, ...spec }, {}, isNew || before === undefined ? {} : { rebalance: before });
  const healthy = healthyFacts({ cluster, pods, deployment: { replicas: 3, updatedReplicas: 3, readyReplicas: 3 } });
  const gateways = fakeGateways(() => nowMs);
  for (const [pod, count] of Object.entries(connections)) gateways.connections.set(pod, count);
  for (const pod of unready) gateways.unready.set(pod, "rebalancing");
  for (const pod of silent) gateways.silent.add(pod);
  if (refuses) gateways.shed = () => Promise.resolve("exclusive is not a field");
  const answers = new Map(pods.map(({ metadata: { uid = "" } }) => [uid, { askedAtMs: nowMs - MINUTE_MS }]));
  const facts: Facts = { ...healthy, answers, ...change };
  const { rebalance: now, nextAfterMs } = await rebalance(facts, { gateways, adminToken: "t", signal });
  return { now, nextAfterMs, calls: gateways.calls };
}

test("after a scale-up the full gateways give up connections, and the operator looks again", async () => {
  const { now, nextAfterMs, calls } = await look({});
  expect(calls.filter((call) => call.startsWith("shed"))).toEqual(["shed 100 of a", "shed 100 of b"]);
  expect({ now, nextAfterMs }).toEqual({ now: { gateways: 2, moved: 0, left: 200 }, nextAfterMs: 5_000 });
});

describe("asks no gateway and moves nothing", () => {
  const steady = { gateways: 3, moved: 10, left: 0 };
  test.each<Stage & { when: string; want: Status["rebalance"]; wantNextMs?: number }>([
    { when: "in a steady fleet", before: steady, want: steady },
    { when: "in a fleet that was never judged", isNew: true, want: { gateways: 3 } },
    { when: "after a scale-down", before: { gateways: 5 }, want: { gateways: 3 } },
    { when: "when it is off", spec: { rebalance: { mode: "Off" } }, want: { gateways: 3 } },
    { when: "while the new gateway is young", readyForMs: 10_000, want: { gateways: 2 }, wantNextMs: 20_000 },
    {
      when: "during a rollout",
      change: { pods: [podReady("a", 0), podReady("b", 0)], children: [] },
      want: { gateways: 2 },
    },
  ])("$when", async ({ want, wantNextMs = Infinity, ...stage }) => {
    expect(await look(stage)).toEqual({ now: want, nextAfterMs: wantNextMs, calls: [] });
  });

  test.each([
    { when: "a gateway has lost Redis", answer: { askedAtMs: nowMs, bus: { phase: "down" as const } } },
    { when: "limits are not exact", answer: { askedAtMs: nowMs, inexact: { reason: "error", limits: [] } } },
    { when: "a gateway drains", answer: { askedAtMs: nowMs, isDraining: true } },
    { when: "a gateway does not answer", answer: { askedAtMs: nowMs, problem: "no answer within 2 s" } },
  ])("while $when", async ({ answer }) => {
    const well = { askedAtMs: nowMs };
    const answers = new Map([
      ["uid-a", answer],
      ["uid-b", well],
      ["uid-c", well],
    ]);
    expect(await look({ change: { answers } })).toEqual({ now: { gateways: 2 }, nextAfterMs: 10_000, calls: [] });
  });

  test("while the autoscaler is about to remove gateways", async () => {
    const spec = { autoscaling: { type: "HPA", maxReplicas: 5 } };
    const { children } = healthyFacts({
      cluster: clusterWith(spec),
      deployment: { replicas: 3, readyReplicas: 3, updatedReplicas: 3 },
    });
    const shrinking = children.map((child) => {
      if (child.kind === "Deployment") return { ...child, spec: { replicas: 3 } };
      const status = { currentReplicas: 3, desiredReplicas: 2 };
      return child.kind === "HorizontalPodAutoscaler" ? { ...child, status } : child;
    });
    const { calls, nextAfterMs } = await look({ spec, change: { children: shrinking } });
    expect({ calls, nextAfterMs }).toEqual({ calls: [], nextAfterMs: 10_000 });
  });
});

test("an even fleet needs no move, and is not asked again", async () => {
  const { now, calls, nextAfterMs } = await look({ connections: { a: 200, b: 200, c: 200 } });
  expect(calls).toEqual(["health a", "health b", "health c"]);
  expect({ now, nextAfterMs }).toEqual({ now: { gateways: 3 }, nextAfterMs: Infinity });
});

test("goes on with a rebalance whose status was never written", async () => {
  const { now, calls } = await look({ connections: { a: 250, b: 250, c: 100 }, unready: ["a", "b"] });
  expect(calls).toEqual(["health a", "health b", "health c"]);
  expect(now).toEqual({ gateways: 2, moved: 0, left: 100 });
});

test("gives up when every gateway refuses, because an older release cannot close", async () => {
  const { now, nextAfterMs } = await look({ refuses: true });
  expect({ now, nextAfterMs }).toEqual({ now: { gateways: 3 }, nextAfterMs: Infinity });
});

describe("while connections move", () => {
  const before = { gateways: 2, moved: 0, left: 200 };

  test("reports the progress", async () => {
    const { now, nextAfterMs } = await look({ before, connections: { a: 250, b: 250, c: 100 }, unready: ["a", "b"] });
    expect({ now, nextAfterMs }).toEqual({ now: { gateways: 2, moved: 100, left: 100 }, nextAfterMs: 5_000 });
  });

  test("is over when every gateway is open again", async () => {
    const { now, nextAfterMs } = await look({ before, connections: { a: 200, b: 200, c: 200 } });
    expect({ now, nextAfterMs }).toEqual({ now: { gateways: 3, moved: 200, left: 0 }, nextAfterMs: Infinity });
  });

  test("is over when no gateway is closed, although a pod has failed", async () => {
    const { now, nextAfterMs } = await look({ before, silent: ["c"], isThirdReady: false });
    expect({ left: now?.left, nextAfterMs }).toEqual({ left: 0, nextAfterMs: Infinity });
  });

  test("keeps the last count while a gateway does not answer", async () => {
    const { now } = await look({ before, unready: ["a"], silent: ["b"] });
    expect(now).toEqual({ gateways: 2, moved: 0, left: 200 });
  });
});
