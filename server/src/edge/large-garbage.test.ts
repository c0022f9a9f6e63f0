import { expect, test } from "@jest/globals";
import { LARGE_BYTES, MOST_BYTES, largeGarbage } from "./large-garbage.ts";

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test.each<{ name: string; sizes: number[]; wantCollections: number }>([
  { name: "small messages are never counted", sizes: Array<number>(1_000).fill(LARGE_BYTES - 1), wantCollections: 0 },
  { name: "a few large messages cause no collection", sizes: [MOST_BYTES - 1], wantCollections: 0 },
  {
    name: "many large messages cause a collection",
    sizes: [MOST_BYTES - LARGE_BYTES, LARGE_BYTES],
    wantCollections: 1,
  },
  {
    name: "many large messages in one turn cause one collection",
    sizes: [MOST_BYTES, MOST_BYTES, MOST_BYTES],
    wantCollections: 1,
  },
])("$name", async ({ sizes, wantCollections }) => {
  const types: string[] = [];
  const count = largeGarbage(({ type }) => types.push(type));
  sizes.forEach(count);
  expect(types).toEqual([]);
  await turn();
  expect(types).toEqual(Array(wantCollections).fill("minor"));
});

test("the count starts again after a collection", async () => {
  let collections = 0;
  const count = largeGarbage(() => (collections += 1));
  for (let round = 1; round <= 3; round += 1) {
    count(MOST_BYTES - 1);
    await turn();
    expect(collections).toBe(round - 1);
    count(LARGE_BYTES);
    await turn();
    expect(collections).toBe(round);
  }
});

test("does nothing without V8's gc", () => {
  expect(() => largeGarbage(undefined)(MOST_BYTES)).not.toThrow();
});
