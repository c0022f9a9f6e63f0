import { expect, test } from "@jest/globals";
import type { PartResult } from "../measure/result.ts";
import type { CpuProfile } from "../rigs/rig.ts";
import { flameGraph } from "./flame-graph.ts";
import { sharesOf, topFrames } from "./shares.ts";
import { targetTable } from "./targets.ts";

const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 });

/**
 * A profile in which the function main calls ours, and ours calls write. Each sample is 100 µs: one in main, one in
 * ours, two in write, and one idle.
 */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)", ""), children: [2, 5] },
    { id: 2, callFrame: frame("main", "node:internal/main"), children: [3] },
    { id: 3, callFrame: frame("deliver<T>", "file:///x/server/src/fanout/a.ts"), children: [4] },
    { id: 4, callFrame: frame("writeBuffer", "") },
    { id: 5, callFrame: frame("(idle)", "") },
  ],
  samples: [2, 3, 4, 4, 5, 2],
  timeDeltas: [0, 100, 100, 100, 100, 100],
};

test("busy time is counted for the owner of the code that used it", () => {
  expect(sharesOf(profile)).toEqual([
    ["node: system calls", 0.5],
    ["node", 0.25],
    ["ours", 0.25],
  ]);
  expect(topFrames(profile, 1)).toEqual([{ name: "writeBuffer ", share: 0.5 }]);
});

test("a flame graph puts each function on its caller, as wide as its time, and escapes names", () => {
  const svg = flameGraph(profile, "a & b");
  expect(svg).toContain("<title>main (node) 100.0 %</title>");
  expect(svg).toContain("<title>deliver&lt;T> (ours) 75.0 %</title>");
  expect(svg).toContain("<title>writeBuffer (node: system calls) 50.0 %</title>");
  expect(svg).toContain("a &amp; b");
  expect(svg).not.toContain("(idle)");
});

const acks = (gateway: number): Record<string, PartResult> => ({
  acks: {
    title: "",
    unit: "",
    better: "more",
    rows: [{ work: "any", inFlight: "100", figures: { bare: 10, gateway } }],
  },
});

test("a target is met at its ratio and missed below it, and a part that was not run has no line", () => {
  expect(targetTable(acks(10))).toMatch(/\| 100 \| ≥ 1 \| 1\.00 \| met \|$/);
  expect(targetTable(acks(9))).toMatch(/\| 0\.90 \| \*\*not met\*\* \|$/);
  expect(targetTable({})).not.toContain("met");
});
