import { expect, test } from "@jest/globals";
import { done, type Outcome } from "../engine/outcome.ts";
import { passRecorder } from "./pass-recorder.ts";
import { makeMetrics } from "./metrics.ts";

const stuck = (message: string): Outcome => ({ type: "stuck", reason: "SecretMissing", message });
const failed: Outcome = { type: "failed", error: new Error("no answer within 30 s") };
const noSecret = "cluster waits for a change: there is no Secret a";

test.each<{ name: string; outcomes: Outcome[]; wantSaid: string[] }>([
  {
    name: "that it waits is said once, however often it is looked at",
    outcomes: [stuck("there is no Secret a"), stuck("there is no Secret a"), stuck("there is no Secret a")],
    wantSaid: [noSecret],
  },
  {
    name: "waiting for something else is news",
    outcomes: [stuck("there is no Secret a"), stuck("it lacks the key"), stuck("there is no Secret a")],
    wantSaid: [noSecret, "cluster waits for a change: it lacks the key", noSecret],
  },
  {
    name: "that it waits no more is said, and then it may wait again",
    outcomes: [stuck("there is no Secret a"), done, done, stuck("there is no Secret a")],
    wantSaid: [noSecret, "cluster waits no more", noSecret],
  },
  {
    name: "each failure is said, and one in between does not make the same wait news",
    outcomes: [stuck("there is no Secret a"), failed, failed, stuck("there is no Secret a")],
    wantSaid: [
      noSecret,
      "cluster could not be reconciled, trying again",
      "cluster could not be reconciled, trying again",
    ],
  },
  {
    name: "a cluster that is well is not spoken of",
    outcomes: [done, { type: "again", afterMs: 1000, why: "it is asked" }, done],
    wantSaid: [],
  },
])("$name", async ({ outcomes, wantSaid }) => {
  const said: string[] = [];
  const say = (fields: { problem?: string }, message: string): void =>
    void said.push(fields.problem === undefined ? message : `${message}: ${fields.problem}`);
  const metrics = makeMetrics({
    queueDepth: () => 0,
    isLeader: () => true,
    isSynced: () => true,
    clusters: () => 1,
    watchAgeSeconds: () => 0,
  });
  const tell = passRecorder(metrics, { debug: () => undefined, info: say, warn: say });
  for (const outcome of outcomes) tell({ key: "apps/chat", outcome, tookMs: 5, waitedMs: 0 });
  expect(said).toEqual(wantSaid);
  expect((await metrics.reconciles.get()).values.reduce((sum, { value }) => sum + value, 0)).toBe(outcomes.length);
});

test("keeps the waits of clusters apart", () => {
  const said: string[] = [];
  const metrics = makeMetrics({
    queueDepth: () => 0,
    isLeader: () => true,
    isSynced: () => true,
    clusters: () => 2,
    watchAgeSeconds: () => 0,
  });
  const say = (fields: { cluster?: string }, message: string): void => void said.push(`${fields.cluster} ${message}`);
  const tell = passRecorder(metrics, { debug: () => undefined, info: say, warn: say });
  for (const key of ["apps/a", "apps/b", "apps/a", "apps/b"])
    tell({ key, outcome: stuck("there is no Secret a"), tookMs: 5, waitedMs: 0 });
  tell({ key: "apps/a", outcome: done, tookMs: 5, waitedMs: 0 });
  expect(said).toEqual([
    "apps/a cluster waits for a change",
    "apps/b cluster waits for a change",
    "apps/a cluster waits no more",
  ]);
});
