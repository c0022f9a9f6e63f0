import { expect, test } from "@jest/globals";
import { clusterWith, podWith } from "../../test/reconcile/build.ts";
import { Memory } from "./memory.ts";

const answer = { askedAtMs: 1, connections: 5 };

test("what was learnt of a cluster is there at the next look", () => {
  const memory = new Memory();
  memory.of("apps/chat", clusterWith(), [podWith("a")]).answers = new Map([["uid-a", answer]]);
  expect([...memory.of("apps/chat", clusterWith(), [podWith("a")]).answers]).toEqual([["uid-a", answer]]);
});

test.each([
  {
    when: "a cluster deleted and made again starts from nothing",
    look: (memory: Memory) => memory.of("apps/chat", clusterWith({}, { uid: "another" }), [podWith("a")]),
  },
  {
    when: "a cluster that was forgotten starts from nothing",
    look: (memory: Memory) => (memory.forget("apps/chat"), memory.of("apps/chat", clusterWith(), [podWith("a")])),
  },
  { when: "a pod that is gone is forgotten", look: (memory: Memory) => memory.of("apps/chat", clusterWith(), []) },
  {
    when: "a pod made again under one name starts from nothing",
    look: (memory: Memory) => memory.of("apps/chat", clusterWith(), [podWith("a", { metadata: { uid: "another" } })]),
  },
  {
    when: "a cluster of another namespace has a memory of its own",
    look: (memory: Memory) => memory.of("web/chat", clusterWith(), [podWith("a")]),
  },
])("$when", ({ look }) => {
  const memory = new Memory();
  memory.of("apps/chat", clusterWith(), [podWith("a")]).answers = new Map([["uid-a", answer]]);
  expect([...look(memory).answers]).toEqual([]);
});

test("it does not grow with pods that come and go", () => {
  const memory = new Memory();
  for (let index = 0; index < 1_000; index++) {
    const remembered = memory.of("apps/chat", clusterWith(), [podWith(`p-${index}`)]);
    remembered.answers = new Map([...remembered.answers, [`uid-p-${index}`, answer]]);
  }
  expect(memory.of("apps/chat", clusterWith(), [podWith("p-999")]).answers.size).toBe(1);
});
