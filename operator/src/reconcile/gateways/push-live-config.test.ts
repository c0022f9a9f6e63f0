import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../api/kube-object.ts";
import { liveConfig, liveConfigHash } from "../../manifests/shared/live-config.ts";
import { healthyFacts, nowMs, podWith } from "../../../test/reconcile/build.ts";
import type { Facts } from "../facts/facts.ts";
import type { GatewayPods } from "../../gateways/gateway-pods.ts";
import { inputsOf } from "../inputs-of.ts";
import { pushLiveConfig } from "./push-live-config.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import { templateVersions } from "../../manifests/shared/pod-release.ts";

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const never = new AbortController().signal;
const wanted = liveConfigHash(liveConfig(healthyFacts().cluster, 1, templateVersions.gateway.newest));
const inForce: GatewayAnswer = { askedAtMs: nowMs, askedFor: wanted, hash: wanted, generation: 1, connections: 3 };
const leaving = { metadata: { ...podWith("a").metadata, deletionTimestamp: "x" } };

/**
 * Runs one push to a gateway. `before` is the gateway's last answer, which is `sinceMs` old. `now` is what its next
 * answer changes.
 */
async function tuned(
  pod: KubeObject,
  before: GatewayAnswer | undefined,
  sinceMs = 0,
  now: Partial<GatewayAnswer> = {},
) {
  const calls: string[] = [];
  const facts: Facts = healthyFacts({
    pods: [pod],
    answers: new Map(before === undefined ? [] : [["uid-a", { ...before, askedAtMs: nowMs - sinceMs }]]),
  });
  const gateways: Pick<GatewayPods, "pushConfig" | "readHealth"> = {
    pushConfig: async (_pod, token, config) => (
      calls.push(`push ${config.generation} with ${token}`),
      { askedAtMs: nowMs, hash: liveConfigHash(config), generation: config.generation, connections: 3, ...now }
    ),
    readHealth: async (_pod, { problem: _problem, ...known }) => (
      calls.push("readHealth"),
      { ...known, askedAtMs: nowMs, ...now }
    ),
  };
  const { answers, nextAfterMs } = await pushLiveConfig(facts, inputsOf(facts), { gateways, logger }, never);
  return { calls, answer: answers.get("uid-a"), nextAfterMs };
}

describe("a gateway is", () => {
  const configured = ["push 1 with decade"];
  test.each([
    {
      when: "sent the live fields when it was never asked",
      pod: podWith("a"),
      before: undefined,
      sinceMs: 0,
      want: configured,
      wantNextMs: 30_000,
    },
    {
      when: "sent them when it has others in force",
      pod: podWith("a"),
      before: { ...inForce, hash: "old", generation: 0, askedFor: "old" },
      sinceMs: 1,
      want: configured,
      wantNextMs: 30_000,
    },
    {
      when: "sent them while it drains, because limits apply to the clients it still serves",
      pod: podWith("a", leaving),
      before: undefined,
      sinceMs: 0,
      want: configured,
      wantNextMs: 5_000,
    },
    {
      when: "sent them before it is ready",
      pod: podWith("a", { isReady: false }),
      before: undefined,
      sinceMs: 0,
      want: configured,
      wantNextMs: 30_000,
    },
    {
      when: "not asked while its figures are recent",
      pod: podWith("a"),
      before: inForce,
      sinceMs: 10_000,
      want: [],
      wantNextMs: 20_000,
    },
    {
      when: "asked when they are old",
      pod: podWith("a"),
      before: inForce,
      sinceMs: 30_000,
      want: ["readHealth"],
      wantNextMs: 30_000,
    },
    {
      when: "asked more often while it terminates",
      pod: podWith("a", leaving),
      before: inForce,
      sinceMs: 5_000,
      want: ["readHealth"],
      wantNextMs: 5_000,
    },
    {
      when: "asked more often while it drains and keeps running",
      pod: podWith("a"),
      before: { ...inForce, isDraining: true },
      sinceMs: 5_000,
      want: ["readHealth"],
      wantNextMs: 5_000,
    },
    {
      when: "asked more often while it does not reach Redis",
      pod: podWith("a"),
      before: { ...inForce, bus: { phase: "down" as const } },
      sinceMs: 5_000,
      want: ["readHealth"],
      wantNextMs: 5_000,
    },
    {
      when: "asked more often while it does not count limits with the others",
      pod: podWith("a"),
      before: { ...inForce, inexact: { reason: "timeout", limits: [] } },
      sinceMs: 5_000,
      want: ["readHealth"],
      wantNextMs: 5_000,
    },
    {
      when: "asked soon when its answer is from before it was ready",
      pod: podWith("a"),
      before: { ...inForce, bus: { phase: "never" as const } },
      sinceMs: 1_000,
      want: ["readHealth"],
      wantNextMs: 1_000,
    },
    {
      when: "not asked more often before it is ready",
      pod: podWith("a", { isReady: false }),
      before: { ...inForce, bus: { phase: "never" as const } },
      sinceMs: 5_000,
      want: [],
      wantNextMs: 25_000,
    },
    {
      when: "not asked before it has an address",
      pod: podWith("a", { status: { podIP: "" } }),
      before: undefined,
      sinceMs: 0,
      want: [],
      wantNextMs: Infinity,
    },
    {
      when: "not asked before it runs",
      pod: podWith("a", { status: { phase: "Pending" } }),
      before: undefined,
      sinceMs: 0,
      want: [],
      wantNextMs: Infinity,
    },
    {
      when: "not asked when it is a Redis pod",
      pod: podWith("a", { component: "redis" }),
      before: undefined,
      sinceMs: 0,
      want: [],
      wantNextMs: Infinity,
    },
  ])("$when", async ({ pod, before, sinceMs, want, wantNextMs }) => {
    const { calls, nextAfterMs } = await tuned(pod, before, sinceMs);
    expect({ calls, nextAfterMs }).toEqual({ calls: want, nextAfterMs: wantNextMs });
  });
});

describe("a gateway that does not answer", () => {
  const silent = {
    hash: undefined,
    generation: undefined,
    problem: "no answer within 2 s",
  } as unknown as Partial<GatewayAnswer>;
  test("is asked again ever more rarely, up to once a minute", async () => {
    const waits: number[] = [];
    let before: GatewayAnswer | undefined;
    for (let times = 0; times < 8; times++) {
      const { answer, nextAfterMs } = await tuned(podWith("a"), before, 60_000, silent);
      waits.push(nextAfterMs);
      before = answer;
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("is asked at once when the live fields change", async () => {
    const { calls } = await tuned(podWith("a"), { ...inForce, ...silent, failures: 9, askedFor: "older" }, 1);
    expect(calls).toEqual(["push 1 with decade"]);
  });

  test("starts at the first wait again once it has answered", async () => {
    const { answer } = await tuned(podWith("a"), { ...inForce, problem: "was silent", failures: 4 }, 60_000);
    expect(answer).toEqual({ ...inForce, askedAtMs: nowMs });
  });

  test("is not asked more often while it is not ready", async () => {
    expect((await tuned(podWith("a", { isReady: false }), undefined, 0, silent)).nextAfterMs).toBe(30_000);
  });
});

test("numbers the live fields above those of a gateway that has newer ones in force", async () => {
  const { answer } = await tuned(podWith("a"), undefined, 0, { hash: "newer", generation: 41 });
  expect(answer).toMatchObject({ problem: "it still uses the live fields with revision number 41", failures: 1 });
  const next = healthyFacts({ pods: [podWith("a")], answers: new Map([["uid-a", answer!]]) });
  expect(inputsOf(next).liveGeneration).toBe(42);
});

test("a slow pod does not delay others, and all calls end with the signal", async () => {
  const stop = new AbortController();
  const facts = healthyFacts({ answers: new Map(), pods: [podWith("a"), podWith("b")] });
  const asked: string[] = [];
  const pushConfig: GatewayPods["pushConfig"] = (pod, _token, _config, signal) =>
    new Promise((resolve) => {
      asked.push(pod.metadata.name);
      signal?.addEventListener("abort", () => resolve({ askedAtMs: nowMs, problem: "cut off" }));
    });
  const running = pushLiveConfig(
    facts,
    inputsOf(facts),
    { gateways: { pushConfig, readHealth: (_pod, before) => Promise.resolve(before) }, logger },
    stop.signal,
  );
  expect(asked).toEqual(["a", "b"]);
  stop.abort();
  expect([...(await running).answers.values()].map(({ problem }) => problem)).toEqual(["cut off", "cut off"]);
});
