import { describe, expect, test } from "@jest/globals";
import { MOST_GONE, MOST_GONE_AGE_MS, MOST_GONE_BATCH_BYTES, MOST_GONE_BYTES } from "./gone-bounds.ts";
import { MemoryOutbox } from "./memory-outbox.ts";

let nowMs = 0;
const outbox = (): MemoryOutbox => new MemoryOutbox(() => nowMs);
const idsOf = (taken: readonly { id: string }[]): string[] => taken.map(({ id }) => id);

describe("the outbox in memory", () => {
  test("returns what is due, in order, and not again within the lease", () => {
    const box = outbox();
    box.add({ id: "later", dueInMs: 1_000, text: "{}" });
    for (const id of ["one", "two", "three"]) box.add({ id, dueInMs: 0, text: "{}" });
    expect(idsOf(box.take(2, 5_000))).toEqual(["one", "two"]);
    expect(idsOf(box.take(9, 5_000))).toEqual(["three"]);
    nowMs += 1_000;
    expect(idsOf(box.take(9, 5_000))).toEqual(["later"]);
    box.remove(["one"]);
    box.postpone(["two"], 0);
    expect(idsOf(box.take(9, 5_000))).toEqual(["two"]);
    nowMs += 5_000;
    expect(idsOf(box.take(9, 5_000))).toEqual(["later", "two", "three"]);
  });

  test("keeps one entry for an absence that is added twice", () => {
    const box = outbox();
    for (const text of ["first", "second"]) box.add({ id: "one", dueInMs: 0, text });
    expect(box.take(9, 0)).toEqual([{ id: "one", text: "first" }]);
  });

  test("drops the oldest when there are too many", () => {
    const box = outbox();
    for (let id = 0; id < MOST_GONE + 3; id += 1) box.add({ id: `${id}`, dueInMs: 0, text: "{}" });
    expect([box.count, box.takeDropped(), box.takeDropped()]).toEqual([MOST_GONE, 3, 0]);
    expect(idsOf(box.take(1, 0))).toEqual(["3"]);
  });

  test("drops the oldest when there are too many bytes, and returns few large entries at once", () => {
    const box = outbox();
    const text = "x".repeat(MOST_GONE_BATCH_BYTES);
    const fit = MOST_GONE_BYTES / text.length;
    for (let id = 0; id <= fit; id += 1) box.add({ id: `${id}`, dueInMs: 0, text });
    expect([box.count, box.takeDropped()]).toEqual([fit, 1]);
    expect(idsOf(box.take(9, 5_000))).toEqual(["1"]);
    expect(idsOf(box.take(9, 5_000))).toEqual(["2"]);
  });

  test("drops an entry that has waited for too long", () => {
    const box = outbox();
    box.add({ id: "old", dueInMs: 0, text: "{}" });
    nowMs += MOST_GONE_AGE_MS + 1;
    box.add({ id: "new", dueInMs: 0, text: "{}" });
    expect(idsOf(box.take(9, 0))).toEqual(["new"]);
    expect([box.count, box.takeDropped()]).toEqual([1, 1]);
  });
});
