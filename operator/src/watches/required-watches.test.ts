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
  { name: "without a watch nothing is known", looks: [], wantAll: false, wantInApps: false },
  {
    name: "each that looks everywhere is waited for",
    looks: [{ where: undefined }, { where: undefined, isSynced: false }],
    wantAll: false,
    wantInApps: false,
  },
  {
    name: "a namespace that may not be read keeps no other waiting",
    looks: [{ where: "apps" }, { where: "closed", isSynced: false }],
    wantAll: false,
    wantInApps: true,
  },
  {
    name: "and itself it keeps waiting",
    looks: [{ where: "apps", isSynced: false }, { where: "open" }],
    wantAll: false,
    wantInApps: false,
  },
  {
    name: "all that are in memory are",
    looks: [{ where: "apps" }, { where: "open" }],
    wantAll: true,
    wantInApps: true,
  },
])("$name", ({ looks, wantAll, wantInApps }) => {
  const watches = watching(looks);
  expect([watches.areSynced, watches.areSyncedIn("apps")]).toEqual([wantAll, wantInApps]);
});

test("the first problem is told, and how long the one that heard least has been without word; one that never heard has always been", () => {
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
