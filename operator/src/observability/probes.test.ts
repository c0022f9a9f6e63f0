import { expect, test } from "@jest/globals";
import { probes } from "./probes.ts";

const clock = { now: () => 10_000_000 };
const minute = 60_000;

test.each([
  {
    when: "everything is in sync",
    heard: { isSynced: true, problem: undefined, heardAtMs: clock.now() },
    want: { "/livez": 200, "/readyz": 200 },
  },
  {
    when: "the API server is away for a while",
    heard: { isSynced: true, problem: "broke", heardAtMs: clock.now() - 14 * minute },
    want: { "/livez": 200, "/readyz": 200 },
  },
  {
    when: "the API server was heard too long ago",
    heard: { isSynced: true, problem: "broke", heardAtMs: clock.now() - 15 * minute },
    want: { "/livez": 500, "/readyz": 200 },
  },
  {
    when: "the API server was never heard, which a restart would not fix",
    heard: { isSynced: false, problem: "not allowed to list pods", heardAtMs: 0 },
    want: { "/livez": 200, "/readyz": 503 },
  },
  {
    when: "no watch has started",
    heard: { isSynced: false, problem: undefined, heardAtMs: Infinity },
    want: { "/livez": 200, "/readyz": 503 },
  },
])("when $when", async ({ heard, want }) => {
  const routes = probes(heard, clock);
  expect({ "/livez": (await routes["/livez"]!()).status, "/readyz": (await routes["/readyz"]!()).status }).toEqual(
    want,
  );
});

test("says why when it is not ready", async () => {
  expect(
    await probes({ isSynced: false, problem: "not allowed to list pods", heardAtMs: 0 }, clock)["/readyz"]!(),
  ).toEqual({ status: 503, body: "not allowed to list pods\n" });
});
