import { expect, test } from "@jest/globals";
import { clusterWith, podWith } from "../../test/reconcile/build.ts";
import { Memory } from "./memory.ts";

const answer = { askedAtMs: 1, connections: 5 };

test("keeps what was learnt of a cluster for the next pass", () => {
  const memory = new Memory();
  memory.of("apps/chat", clusterWith(), [podWith("a")]).answers = new Map([["uid-a", answer]]);
  expect([...memory.of("apps/chat", clusterWith(), [podWith("a")]).answers]).toEqual([["uid-a", answer]]);
});

test.each([
  {
    when: "starts empty for a recreated cluster",
    look: (memory: Memory) => memory.of("apps/chat", clusterWith({}, { uid: "another" }), [podWith("a")]),
  },
  {
    when: "starts empty for a forgotten cluster",
    look: (memory: Memory) => (memory.forget("apps/chat"), memory.of("apps/chat", clusterWith(), [podWith("a")])),
  },
  { when: "forgets a deleted pod", look: (memory: Memory) => memory.of("apps/chat", clusterWith(), []) },
  {
    when: "starts empty for a recreated pod",
    look: (memory: Memory) => memory.of("apps/chat", clusterWith(), [podWith("a", { metadata: { uid: "another" } })]),
  },
  {
    when: "keeps clusters of different namespaces apart",
    look: (memory: Memory) => memory.of("web/chat", clusterWith(), [podWith("a")]),
  },
])("$when", ({ look }) => {
  const memory = new Memory();
  memory.of("apps/chat", clusterWith(), [podWith("a")]).answers = new Map([["uid-a", answer]]);
  expect([...look(memory).answers]).toEqual([]);
});

test("does not grow while pods come and go", () => {
  const memory = new Memory();
  for (let index = 0; index < 1_000; index++) {
    const remembered = memory.of("apps/chat", clusterWith(), [podWith(`p-${index}`)]);
    remembered.answers = new Map([...remembered.answers, [`uid-p-${index}`, answer]]);
  }
  expect(memory.of("apps/chat", clusterWith(), [podWith("p-999")]).answers.size).toBe(1);
});
