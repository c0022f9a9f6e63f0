import { expect, test } from "@jest/globals";
import { RequiredWatches } from "./required-watches.ts";

interface Look {
  where: string | undefined;
  isSynced?: boolean;
  problem?: string;
  heardAtMs?: number;
}

function watching(looks: readonly Look[]): RequiredWatches {
  const watches = new RequiredWatches();
  for (const { where, isSynced = true, problem, heardAtMs } of looks)
    watches.add({ isSynced, problem, heardAtMs }, where);
  return watches;
}

test.each<{ name: string; looks: Look[]; wantAll: boolean; wantInApps: boolean }>([
  { name: "nothing is in sync without a watch", looks: [], wantAll: false, wantInApps: false },
  {
    name: "waits for every watch of all namespaces",
    looks: [{ where: undefined }, { where: undefined, isSynced: false }],
    wantAll: false,
    wantInApps: false,
  },
  {
    name: "an unreadable namespace does not block the others",
    looks: [{ where: "apps" }, { where: "closed", isSynced: false }],
    wantAll: false,
    wantInApps: true,
  },
  {
    name: "an unreadable namespace is itself not in sync",
    looks: [{ where: "apps", isSynced: false }, { where: "open" }],
    wantAll: false,
    wantInApps: false,
  },
  {
    name: "everything is in sync when all watches are",
    looks: [{ where: "apps" }, { where: "open" }],
    wantAll: true,
    wantInApps: true,
  },
])("$name", ({ looks, wantAll, wantInApps }) => {
  const watches = watching(looks);
  expect([watches.areSynced, watches.areSyncedIn("apps")]).toEqual([wantAll, wantInApps]);
});

test("gives the first problem and the oldest last-heard time, 0 when a watch never heard the server", () => {
  const well = watching([
    { where: undefined, heardAtMs: 50 },
    { where: undefined, problem: "the list of pods broke", heardAtMs: 20 },
  ]);
  expect([
    well.problem,
    well.heardAtMs,
    watching([{ where: undefined, heardAtMs: 50 }, { where: undefined }]).heardAtMs,
  ]).toEqual(["the list of pods broke", 20, 0]);
});
