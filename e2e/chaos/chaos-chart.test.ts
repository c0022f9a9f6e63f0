import { expect, test } from "@jest/globals";
import { chaosChart } from "./chaos-chart.ts";
import type { Outcome } from "./chaos-result.ts";

const outcome: Outcome = {
  ...{ fault: "rollout", beganMs: 10_000, endedMs: 20_000, seconds: 10, moved: 3, recovered: 3, unrecovered: 0 },
  ...{ replayed: 7, lost: 0, doubled: 0, longestSilenceMs: 900, operatorWrites: 5, problems: [] },
};

test("draws one line for each pod and one bar for each second of a fault, and no fault that did not run", () => {
  const samples = [11_000, 12_000, 60_000].map((atMs) => ({
    ...{ atMs, reconnects: 2, away: 0 },
    connections: atMs === 11_000 ? { a: 10, b: 0 } : { a: 5, b: 5 },
  }));
  const chart = chaosChart({ seed: 1, clients: 10, messagesPerSecond: 5, outcomes: [outcome], samples });
  expect(chart.match(/<polyline/g)).toHaveLength(2);
  expect(chart.match(/fill="#d0743c"/g)).toHaveLength(2);
  expect(chart).toContain("3 disconnects, 7 messages sent again, 0 missed, 0 doubled, 0 not recovered");
  expect(chart).not.toContain("scale up");
});
