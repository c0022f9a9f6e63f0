import { expect, test } from "@jest/globals";
import type { Manifest } from "../../manifests/shared/child.ts";
import { afterWrites, paced, type WriteHistory } from "./write-backoff.ts";
import { manifestAnnotation } from "./in-sync.ts";
import type { Step } from "../plan.ts";

const manifest = (hash: string, name = "s"): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "apps", labels: {}, annotations: { [manifestAnnotation]: hash } },
});
const step = (hash: string, name = "s"): Step => ({ type: "apply", manifest: manifest(hash, name), isNew: false });

/** Acts as another controller that undoes each write at once. Returns the time of each write. */
function fought(forMs: number, hashAt: (nowMs: number) => string = () => "a") {
  let writeHistory: WriteHistory = new Map();
  const writesAtMs: number[] = [];
  for (let nowMs = 0; nowMs < forMs;) {
    const { steps, nextAfterMs } = paced([step(hashAt(nowMs))], writeHistory, nowMs);
    if (steps.length === 0) {
      nowMs += nextAfterMs;
      continue;
    }
    writesAtMs.push(nowMs);
    writeHistory = afterWrites(writeHistory, [manifest(hashAt(nowMs))], nowMs);
    nowMs += 10;
  }
  return { writesAtMs, writeHistory };
}

test("writes the first five times at once, then ever more rarely, up to every five minutes", () => {
  const { writesAtMs } = fought(24 * 3_600_000);
  const pauses = writesAtMs.slice(1).map((ms, index) => ms - writesAtMs[index]!);
  expect(pauses.slice(0, 14)).toEqual([
    10, 10, 10, 10, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000,
  ]);
  expect(writesAtMs.length).toBeLessThan(310);
});

test("reports the object from the first delayed write until ten minutes without a write", () => {
  const { writeHistory } = fought(1_500);
  const last = writeHistory.get("Service s")!.lastMs;
  expect([paced([], fought(900).writeHistory, 900).overwritten, paced([], writeHistory, 1_500).overwritten]).toEqual([
    [],
    ["Service s"],
  ]);
  expect(paced([], writeHistory, last + 600_000 - 1)).toMatchObject({ overwritten: ["Service s"], nextAfterMs: 1 });
  expect(paced([], writeHistory, last + 600_000)).toEqual({ steps: [], overwritten: [], nextAfterMs: Infinity });
});

test("writes at once when the manifest changes", () => {
  const { writeHistory } = fought(60_000);
  expect(paced([step("b")], writeHistory, 60_000).steps).toHaveLength(1);
});

test("does not delay other objects", () => {
  const { writeHistory } = fought(60_000);
  const { steps } = paced(
    [step("a"), step("a", "other"), { type: "remove", child: manifest("a") }],
    writeHistory,
    60_000,
  );
  expect(steps.map((one) => one.type)).toEqual(["apply", "remove"]);
});

test("forgets a record after ten minutes without a write", () => {
  const { writeHistory } = fought(60_000);
  expect(afterWrites(writeHistory, [], 3_600_000).size).toBe(0);
});
