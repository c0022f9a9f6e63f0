import { expect, test } from "@jest/globals";
import { PendingConnections, SPARED_MS } from "./pending-connections.ts";

interface Fake {
  emptySinceMs: number;
  close(): void;
}

/** Connections by name, opened at these times; `closed` holds the names of those that had to go. */
function pendingOf(most: number, openedAtMs: Record<string, number>) {
  const closed: string[] = [];
  const pending = new PendingConnections(most);
  const byName = new Map<string, Fake>(
    Object.entries(openedAtMs).map(([name, emptySinceMs]) => [
      name,
      { emptySinceMs, close: () => void closed.push(name) },
    ]),
  );
  for (const connection of byName.values()) pending.add(connection);
  return { pending, closed, byName };
}

test.each<{ name: string; most: number; nowMs: number; wantRoom: boolean; wantClosed: string[] }>([
  { name: "closes nobody while there are places", most: 3, nowMs: 60_000, wantRoom: true, wantClosed: [] },
  { name: "closes the oldest when all are taken", most: 2, nowMs: SPARED_MS, wantRoom: true, wantClosed: ["first"] },
  {
    name: "refuses the newcomer when even the oldest has only just come",
    most: 2,
    nowMs: SPARED_MS - 1,
    wantRoom: false,
    wantClosed: [],
  },
])("$name", ({ most, nowMs, wantRoom, wantClosed }) => {
  const { pending, closed } = pendingOf(most, { first: 0, second: 10 });
  expect(pending.makeRoom(nowMs)).toBe(wantRoom);
  expect(closed).toEqual(wantClosed);
});

test("does not close a connection that has entered", () => {
  const { pending, closed, byName } = pendingOf(2, { first: 0, second: 10, third: 20 });
  pending.delete(byName.get("first")!);
  expect(pending.size).toBe(2);
  expect(pending.makeRoom(60_000)).toBe(true);
  expect(closed).toEqual(["second"]);
});

test("never holds more than allowed when many come", () => {
  const { pending, closed } = pendingOf(5, {});
  for (let nowMs = 0; nowMs < 100 * SPARED_MS; nowMs += SPARED_MS / 2) {
    if (pending.makeRoom(nowMs)) pending.add({ emptySinceMs: nowMs, close: () => void closed.push("one") });
    expect(pending.size).toBeLessThanOrEqual(5);
  }
  expect(closed).toHaveLength(195);
});
