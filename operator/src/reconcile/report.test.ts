import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../api/kube-object.ts";
import { realtimeClusters, type Status } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { ApiError } from "../kube/errors.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { emptyFacts, findingsOf, healthyFacts } from "../../test/reconcile/build.ts";
import { eventsOf } from "./changes/events.ts";
import { report } from "./report.ts";
import { statusOf } from "./status-of.ts";

const with_ = (conditions: Record<string, "True" | "False" | "Unknown">): Status => ({
  conditions: Object.entries(conditions).map(([type, status]) => ({
    type,
    status,
    reason: "R",
    message: "m",
    lastTransitionTime: "t",
  })),
});
type Turn = Record<string, "True" | "False" | "Unknown">;

describe("an event is written", () => {
  test.each<{ when: string; before: Turn | undefined; after: Turn; want: string[] }>([
    { when: "when a condition becomes bad", before: { Ready: "True" }, after: { Ready: "False" }, want: ["Ready"] },
    { when: "when it becomes good again", before: { Ready: "False" }, after: { Ready: "True" }, want: ["Ready"] },
    { when: "not when it stays", before: { Ready: "False" }, after: { Ready: "False" }, want: [] },
    { when: "not when it becomes Unknown", before: { RedisReady: "True" }, after: { RedisReady: "Unknown" }, want: [] },
    {
      when: "when it becomes bad after Unknown",
      before: { RedisReady: "Unknown" },
      after: { RedisReady: "False" },
      want: ["RedisReady"],
    },
    {
      when: "not for conditions that follow from others",
      before: { Available: "True", LimitsApplied: "True" },
      after: { Available: "False", LimitsApplied: "False" },
      want: [],
    },
    {
      when: "for the parts of a rollout in their order, with Ready at the end",
      before: { Ready: "False", Progressing: "True", Draining: "True", RedisReady: "False" },
      after: { Ready: "True", Progressing: "False", Draining: "False", RedisReady: "True" },
      want: ["Progressing", "Draining", "RedisReady", "Ready"],
    },
    {
      when: "not for a new cluster, which cannot be ready",
      before: undefined,
      after: { Ready: "False", RedisReady: "False" },
      want: [],
    },
    {
      when: "for a new cluster whose spec is wrong",
      before: undefined,
      after: { Ready: "False", ConfigurationAccepted: "False" },
      want: ["ConfigurationAccepted"],
    },
    {
      when: "for a new cluster with a warning",
      before: undefined,
      after: { ConfigurationWarning: "True", Degraded: "False" },
      want: ["ConfigurationWarning"],
    },
    {
      when: "not for a new cluster without faults",
      before: undefined,
      after: { Ready: "True", ConfigurationAccepted: "True" },
      want: [],
    },
  ])("$when", ({ before, after, want }) => {
    expect(eventsOf(before === undefined ? undefined : with_(before), with_(after)).map(({ type }) => type)).toEqual(
      want,
    );
  });
});

describe("report", () => {
  async function stage() {
    const kube = new FakeKube({ namespaces: ["apps"] });
    const { cluster } = emptyFacts();
    const { name, namespace } = cluster.metadata;
    const stored = await kube.create(realtimeClusters, {
      apiVersion: cluster.apiVersion,
      kind: cluster.kind,
      metadata: { name, namespace },
      spec: cluster.spec,
    });
    const made = kube.requests.length;
    const logged: string[] = [];
    const told: object[] = [];
    const warned: object[] = [];
    const logger = {
      debug: (_fields: object, message: string) => logged.push(message),
      info: (fields: object) => told.push(fields),
      warn: (fields: object) => warned.push(fields),
    };
    const ports = {
      kube,
      logger,
      signal: new AbortController().signal,
      identity: "operator-1",
      eventName: (cluster: string) => `${cluster}.${kube.requests.length}`,
    };
    const facts = healthyFacts({
      cluster: { ...cluster, metadata: { ...cluster.metadata, uid: stored.metadata.uid! } },
    });
    return {
      kube,
      ports,
      facts,
      logged,
      told,
      warned,
      requests: () =>
        kube.requests
          .slice(made)
          .map(({ verb, resource, options }) => `${verb} ${resource?.plural} ${JSON.stringify(options)}`),
    };
  }

  test("writes the status once while nothing changes", async () => {
    const { ports, facts, requests } = await stage();
    const { written } = await report(findingsOf(facts), ports);
    expect(written?.["status"]).toEqual(statusOf(findingsOf(facts)));
    const seen = { ...facts, cluster: { ...facts.cluster, status: written!["status"] as Status } };
    expect(await report(findingsOf(seen), ports)).toEqual({ hasEndingNamespace: false });
    expect(requests()).toEqual(['apply realtimeclusters {"subresource":"status"}']);
  });

  test("writes an event with reason, message and reporter when a condition changes", async () => {
    const { kube, ports, facts } = await stage();
    const problem = { reason: "SecretMissing", message: "spec.auth.jwt.secret.name: there is no Secret x" } as const;
    await report(
      findingsOf(
        { ...facts, cluster: { ...facts.cluster, status: with_({ Ready: "True", ConfigurationAccepted: "True" }) } },
        { problem },
      ),
      ports,
    );
    const told = kube
      .objects(resources.events)
      .map(({ type, reason, note, regarding, reportingInstance }: KubeObject) => ({
        type,
        reason,
        note,
        name: (regarding as { name: string }).name,
        reportingInstance,
      }));
    expect(told).toEqual([
      {
        type: "Warning",
        reason: "SecretMissing",
        note: `ConfigurationAccepted=False: ${problem.message}`,
        name: "chat",
        reportingInstance: "operator-1",
      },
      {
        type: "Warning",
        reason: "SecretMissing",
        note: `Ready=False: ${problem.message}`,
        name: "chat",
        reportingInstance: "operator-1",
      },
    ]);
  });

  test("gives the events of one pass different times, and begins with the edit of the spec", async () => {
    const { kube, ports, facts } = await stage();
    const edit = { generation: 2, fields: ["[rolling] spec.image"], by: "kubectl-edit" };
    const status = with_({ Progressing: "True", Ready: "False" });
    await report(findingsOf({ ...facts, cluster: { ...facts.cluster, status } }, { edit }), ports);
    const events = kube.objects(resources.events);
    expect(events.map(({ note }) => note)).toEqual([
      "generation 2: [rolling] spec.image, by kubectl-edit",
      "Progressing=False: 2 gateways are up to date and ready",
      "Ready=True: 2 gateways accept connections",
    ]);
    expect(new Set(events.map(({ eventTime }) => eventTime)).size).toBe(3);
  });

  test("does not report a rollout as Ready=False, because Progressing reports it", async () => {
    const { kube, ports, facts } = await stage();
    const before = { ...facts.cluster, status: with_({ Progressing: "False", Ready: "True" }) };
    await report(findingsOf(healthyFacts({ cluster: before, deployment: { updatedReplicas: 1 } })), ports);
    expect(kube.objects(resources.events).map(({ reason, type }) => `${String(type)} ${String(reason)}`)).toEqual([
      "Normal RollingOut",
    ]);
  });

  test("logs each condition that changes, and nothing when none does", async () => {
    const { ports, facts, warned, told } = await stage();
    const status = with_({ Ready: "True", RedisReady: "True", Progressing: "True" });
    const away = { ...facts, children: [], cluster: { ...facts.cluster, status } };
    const { written } = await report(findingsOf(away), ports);
    expect(warned).toContainEqual(
      expect.objectContaining({
        cluster: "apps/chat",
        generation: 1,
        condition: "RedisReady",
        status: "False",
        was: "True",
        reason: "NotFound",
        text: "the StatefulSet chat-redis does not exist yet",
      }),
    );
    told.length = warned.length = 0;
    const after = { ...away, cluster: { ...away.cluster, status: written?.["status"] as Status } };
    await report(findingsOf({ ...after, nowMs: after.nowMs + 1_000 }), ports);
    expect([...told, ...warned]).toEqual([]);
  });

  test("logs a refused event and does not fail", async () => {
    const { kube, ports, facts, logged } = await stage();
    kube.intercept = ({ resource }) =>
      resource?.kind === "Event" ? { fail: new ApiError("no", { status: 403, reason: "Forbidden" }) } : "pass";
    await report(findingsOf(facts, { problem: { reason: "Refused", message: "x" } }), ports);
    expect(logged).toEqual(["event could not be written"]);
  });

  test("logs nothing about objects that disappear with their namespace", async () => {
    const { kube, ports, facts, told, warned } = await stage();
    const causes = [{ reason: "NamespaceTerminating" }];
    kube.intercept = ({ resource }) =>
      resource?.kind === "Event" ? { fail: new ApiError("no", { status: 403, reason: "Forbidden", causes }) } : "pass";
    const problem = { reason: "SecretMissing", message: "spec.auth.jwt.secret.name: there is no Secret x" } as const;
    expect(await report(findingsOf(facts, { problem }), ports)).toMatchObject({ hasEndingNamespace: true });
    expect([...told, ...warned]).toEqual([]);
  });

  test("does not write the old status to a cluster that was recreated in the meantime", async () => {
    const { kube, ports, facts } = await stage();
    const stale = {
      ...facts,
      cluster: {
        ...facts.cluster,
        metadata: { ...facts.cluster.metadata, uid: "00000000-0000-4000-8000-00000000dead" },
      },
    };
    await expect(report(findingsOf(stale), ports)).rejects.toThrow();
    expect(kube.objects(realtimeClusters)[0]).not.toHaveProperty("status");
  });
});
