import { expect, test } from "@jest/globals";
import { HalfOpen, SPARED_MS } from "./pending-connections.ts";

/** Connections by name, which came at these times; `cut` holds the names of those that had to go. */
function halfOpen(
  most: number,
  came: Record<string, number>,
): { waiting: HalfOpen; cut: string[]; wires: Map<string, { emptySinceMs: number; cut(): void }> } {
  const cut: string[] = [];
  const waiting = new HalfOpen({ most, onCut: () => undefined });
  const wires = new Map(
    Object.entries(came).map(([name, emptySinceMs]) => [name, { emptySinceMs, cut: () => void cut.push(name) }]),
  );
  for (const wire of wires.values()) waiting.add(wire);
  return { waiting, cut, wires };
}

test.each<{ name: string; most: number; nowMs: number; wantRoom: boolean; wantCut: string[] }>([
  { name: "while there are places nobody is cut", most: 3, nowMs: 60_000, wantRoom: true, wantCut: [] },
  { name: "where all are taken the oldest goes", most: 2, nowMs: SPARED_MS, wantRoom: true, wantCut: ["first"] },
  {
    name: "where even the oldest has only just come the newcomer is refused",
    most: 2,
    nowMs: SPARED_MS - 1,
    wantRoom: false,
    wantCut: [],
  },
])("$name", ({ most, nowMs, wantRoom, wantCut }) => {
  const { waiting, cut } = halfOpen(most, { first: 0, second: 10 });
  expect(waiting.makeRoom(nowMs)).toBe(wantRoom);
  expect(cut).toEqual(wantCut);
});

test("who has entered is not among those that may be cut", () => {
  const { waiting, cut, wires } = halfOpen(2, { first: 0, second: 10, third: 20 });
  waiting.delete(wires.get("first")!);
  expect(waiting.size).toBe(2);
  expect(waiting.makeRoom(60_000)).toBe(true);
  expect(cut).toEqual(["second"]);
});

test("there are never more than allowed, however many come", () => {
  const { waiting, cut } = halfOpen(5, {});
  for (let nowMs = 0; nowMs < 100 * SPARED_MS; nowMs += SPARED_MS / 2) {
    if (waiting.makeRoom(nowMs)) waiting.add({ emptySinceMs: nowMs, cut: () => void cut.push("one") });
    expect(waiting.size).toBeLessThanOrEqual(5);
  }
  expect(cut).toHaveLength(195);
});
