import { expect, test } from "@jest/globals";
import { done, gone, type Outcome } from "../engine/outcome.ts";
import { passRecorder } from "./pass-recorder.ts";
import { makeMetrics } from "./metrics.ts";

const stuck = (message: string): Outcome => ({ type: "stuck", reason: "SecretMissing", message });
const failed: Outcome = { type: "failed", error: new Error("no answer within 30 s") };
const noSecret = "reconcile pass blocked until something changes: there is no Secret a";

test.each<{ name: string; outcomes: Outcome[]; wantLogged: string[] }>([
  {
    name: "logs once that a cluster waits, for any number of passes",
    outcomes: [stuck("there is no Secret a"), stuck("there is no Secret a"), stuck("there is no Secret a")],
    wantLogged: [noSecret],
  },
  {
    name: "logs again when a cluster waits for something else",
    outcomes: [stuck("there is no Secret a"), stuck("it lacks the key"), stuck("there is no Secret a")],
    wantLogged: [noSecret, "reconcile pass blocked until something changes: it lacks the key", noSecret],
  },
  {
    name: "logs that a cluster no longer waits, and logs a later wait again",
    outcomes: [stuck("there is no Secret a"), done, done, stuck("there is no Secret a")],
    wantLogged: [noSecret, "reconcile pass no longer blocked", noSecret],
  },
  {
    name: "logs each failure, and does not repeat the same wait after one",
    outcomes: [stuck("there is no Secret a"), failed, failed, stuck("there is no Secret a")],
    wantLogged: [noSecret, "reconcile pass failed, will retry", "reconcile pass failed, will retry"],
  },
  {
    name: "logs nothing about a cluster without problems",
    outcomes: [done, { type: "again", afterMs: 1000, why: "it is asked" }, done],
    wantLogged: [],
  },
])("$name", async ({ outcomes, wantLogged }) => {
  const logged: string[] = [];
  const record = (fields: { problem?: string }, message: string): void =>
    void logged.push(fields.problem === undefined ? message : `${message}: ${fields.problem}`);
  const metrics = makeMetrics({
    queueDepth: () => 0,
    isLeader: () => true,
    isSynced: () => true,
    clusters: () => 1,
    watchAgeSeconds: () => 0,
  });
  const recordPass = passRecorder(metrics, { debug: () => undefined, info: record, warn: record });
  for (const outcome of outcomes) recordPass({ key: "apps/chat", outcome, tookMs: 5, waitedMs: 0 });
  expect(logged).toEqual(wantLogged);
  expect((await metrics.reconciles.get()).values.reduce((sum, { value }) => sum + value, 0)).toBe(outcomes.length);
});

test("does not call a deleted cluster unblocked", () => {
  const logged: string[] = [];
  const record = (_fields: object, message: string): void => void logged.push(message);
  const metrics = makeMetrics({
    queueDepth: () => 0,
    isLeader: () => true,
    isSynced: () => true,
    clusters: () => 1,
    watchAgeSeconds: () => 0,
  });
  const recordPass = passRecorder(metrics, { debug: () => undefined, info: record, warn: record });
  for (const outcome of [stuck("there is no Secret a"), gone])
    recordPass({ key: "apps/a", outcome, tookMs: 5, waitedMs: 0 });
  expect(logged).toEqual(["reconcile pass blocked until something changes"]);
});

test("keeps the waits of clusters apart", () => {
  const logged: string[] = [];
  const metrics = makeMetrics({
    queueDepth: () => 0,
    isLeader: () => true,
    isSynced: () => true,
    clusters: () => 2,
    watchAgeSeconds: () => 0,
  });
  const record = (fields: { cluster?: string }, message: string): void =>
    void logged.push(`${fields.cluster} ${message}`);
  const recordPass = passRecorder(metrics, { debug: () => undefined, info: record, warn: record });
  for (const key of ["apps/a", "apps/b", "apps/a", "apps/b"])
    recordPass({ key, outcome: stuck("there is no Secret a"), tookMs: 5, waitedMs: 0 });
  recordPass({ key: "apps/a", outcome: done, tookMs: 5, waitedMs: 0 });
  expect(logged).toEqual([
    "apps/a reconcile pass blocked until something changes",
    "apps/b reconcile pass blocked until something changes",
    "apps/a reconcile pass no longer blocked",
  ]);
});
