import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { PendingConnections } from "./pending-connections.ts";

interface Fake {
  address: string;
  close(): void;
}

/** Makes connections with names, in order of arrival. `closed` has the names of those that were closed. */
function pendingOf(most: number, addresses: Record<string, string>) {
  const closed: string[] = [];
  const pending = new PendingConnections(most);
  const byName = new Map<string, Fake>();
  for (const [name, address] of Object.entries(addresses)) {
    const connection = { address, close: () => void closed.push(name) };
    byName.set(name, connection);
    pending.add(connection);
  }
  return { pending, closed, byName };
}

describe("makeRoom", () => {
  test.each<{ name: string; most: number; from: string; wantRoom: boolean; wantClosed: string[] }>([
    { name: "closes nobody while there are places", most: 4, from: "b", wantRoom: true, wantClosed: [] },
    { name: "refuses a newcomer of the address with the most", most: 3, from: "a", wantRoom: false, wantClosed: [] },
    { name: "closes the newest of the address with the most", most: 3, from: "b", wantRoom: true, wantClosed: ["a3"] },
  ])("$name", ({ most, from, wantRoom, wantClosed }) => {
    const { pending, closed } = pendingOf(most, { a1: "a", a2: "a", a3: "a" });
    expect(pending.makeRoom(from)).toBe(wantRoom);
    expect(closed).toEqual(wantClosed);
  });

  test("refuses a newcomer when no address has more than it would have", () => {
    const { pending, closed } = pendingOf(3, { a1: "a", b1: "b", c1: "c" });
    expect(pending.makeRoom("d")).toBe(false);
    expect(closed).toEqual([]);
  });

  test("closes a connection that was refused before any other", () => {
    const { pending, closed, byName } = pendingOf(3, { a1: "a", b1: "b", a2: "a" });
    pending.refused(byName.get("b1")!);
    expect(pending.makeRoom("a")).toBe(true);
    expect(closed).toEqual(["b1"]);
  });

  test("does not close a connection that has entered", () => {
    const { pending, closed, byName } = pendingOf(2, { a1: "a", a2: "a" });
    pending.delete(byName.get("a2")!);
    pending.refused(byName.get("a2")!);
    expect([pending.size, pending.makeRoom("b"), closed]).toEqual([1, true, []]);
  });
});

test("there are never more than allowed, and a place is never lost", () => {
  const step = fc.record({ address: fc.constantFrom("a", "b", "c"), leaves: fc.boolean(), refused: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const pending = new PendingConnections(5);
      const here = new Set<Fake>();
      for (const { address, leaves, refused } of steps) {
        const [oldest] = here;
        if (leaves && oldest !== undefined) {
          here.delete(oldest);
          pending.delete(oldest);
        } else if (refused && oldest !== undefined) pending.refused(oldest);
        else if (pending.makeRoom(address)) {
          const connection: Fake = { address, close: () => void here.delete(connection) };
          here.add(connection);
          pending.add(connection);
        }
        expect(pending.size).toBe(here.size);
        expect(here.size).toBeLessThanOrEqual(5);
      }
    }),
  );
});
