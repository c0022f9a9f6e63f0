import { expect, test } from "@jest/globals";
import { Newest } from "./newest.ts";

test.each<{ name: string; come: string[]; go: string[]; comeLater: string[]; want: string[]; wantDropped: string[] }>([
  {
    name: "keeps all items while there are places",
    come: ["a", "b", "c"],
    go: [],
    comeLater: [],
    want: ["a", "b", "c"],
    wantDropped: [],
  },
  {
    name: "drops the oldest items when it is full",
    come: ["a", "b", "c"],
    go: [],
    comeLater: ["d", "e"],
    want: ["c", "d", "e"],
    wantDropped: ["a", "b"],
  },
  {
    name: "has a free place when an item was deleted",
    come: ["a", "b", "c"],
    go: ["b"],
    comeLater: ["d"],
    want: ["a", "c", "d"],
    wantDropped: [],
  },
  {
    name: "keeps its size when an item is added again",
    come: ["a", "b", "c"],
    go: [],
    comeLater: ["a"],
    want: ["a", "b", "c"],
    wantDropped: [],
  },
])("$name", ({ come, go, comeLater, want, wantDropped }) => {
  const dropped: string[] = [];
  const newest = new Newest<string>(3, (item) => dropped.push(item));
  come.forEach((item) => newest.add(item));
  go.forEach((item) => newest.delete(item));
  comeLater.forEach((item) => newest.add(item));
  expect([...newest]).toEqual(want);
  expect(dropped).toEqual(wantDropped);
});
