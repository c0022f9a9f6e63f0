import { expect, test } from "@jest/globals";
import { Newest } from "./newest.ts";

test.each<{ name: string; come: string[]; go: string[]; comeLater: string[]; want: string[]; wantDropped: string[] }>([
  {
    name: "as many as there are places stay",
    come: ["a", "b", "c"],
    go: [],
    comeLater: [],
    want: ["a", "b", "c"],
    wantDropped: [],
  },
  {
    name: "the oldest make room",
    come: ["a", "b", "c"],
    go: [],
    comeLater: ["d", "e"],
    want: ["c", "d", "e"],
    wantDropped: ["a", "b"],
  },
  {
    name: "who has gone by himself leaves a place",
    come: ["a", "b", "c"],
    go: ["b"],
    comeLater: ["d"],
    want: ["a", "c", "d"],
    wantDropped: [],
  },
  {
    name: "who is there already takes no second place",
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
