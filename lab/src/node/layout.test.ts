import { describe, expect, test } from "@jest/globals";
import { layoutOf } from "./layout.ts";

const places = { cache: "/home/ada/.cache/lab", state: "/home/ada/.local/state/lab" };

describe("layoutOf", () => {
  test("two clusters share no address, link, cgroup or folder", () => {
    const [first, second] = [layoutOf(places, 0), layoutOf(places, 1)];
    for (const field of Object.keys(first) as (keyof typeof first)[])
      expect(`${field} ${first[field]}`).not.toBe(`${field} ${second[field]}`);
  });

  test.each<{ name: string; index: number; where?: Partial<typeof places>; want: RegExp }>([
    {
      name: "an index above 9 is refused",
      index: 10,
      want: /LAB_INDEX must be a whole number from 0 to 9, and is 10/,
    },
    { name: "an index that is no number is refused", index: NaN, want: /LAB_INDEX/ },
    {
      name: "a state folder that the node cannot see is refused",
      index: 0,
      where: { state: "/var/lib/lab" },
      want: /\/var\/lib\/lab is below \/var\/lib\/.*LAB_STATE/,
    },
    {
      name: "a cache folder that the node cannot see is refused",
      index: 0,
      where: { cache: "/run/cache" },
      want: /\/run\/cache is below \/run\//,
    },
  ])("$name", ({ index, where, want }) => {
    expect(() => layoutOf({ ...places, ...where }, index)).toThrow(want);
  });
});
