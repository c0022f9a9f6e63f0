import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../api/kube-object.ts";
import { ChildIndex, isOlder } from "./child-index.ts";

const child = (resourceVersion: string, change: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name: "s",
    namespace: "apps",
    uid: "1",
    resourceVersion,
    labels: { "app.kubernetes.io/instance": "chat" },
    ...change,
  },
});
const versions = (index: ChildIndex, key = "apps/chat") =>
  index.of(key).map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`);

test("finds objects by the cluster that their label names", () => {
  const index = new ChildIndex();
  expect(index.put(child("5"))).toBe("apps/chat");
  expect(index.put(child("5", { namespace: "web" }))).toBe("web/chat");
  expect(index.put(child("5", { labels: {} }))).toBeUndefined();
  expect([versions(index), versions(index, "web/chat"), versions(index, "apps/other")]).toEqual([["1@5"], ["1@5"], []]);
});

describe("an object that we wrote", () => {
  test.each([
    { when: "is there before its event comes", play: (index: ChildIndex) => index.remember(child("7")), want: ["1@7"] },
    {
      when: "is not undone by an older event",
      play: (index: ChildIndex) => (index.remember(child("7")), index.put(child("6"))),
      want: ["1@7"],
    },
    {
      when: "is replaced by a newer event",
      play: (index: ChildIndex) => (index.remember(child("7")), index.put(child("10"))),
      want: ["1@10"],
    },
    {
      when: "does not undo a newer event that came before the answer",
      play: (index: ChildIndex) => (index.put(child("10")), index.remember(child("7"))),
      want: ["1@10"],
    },
    {
      when: "is ignored when its deletion was reported before",
      play: (index: ChildIndex) => (index.put(child("6")), index.delete(child("8")), index.remember(child("7"))),
      want: [],
    },
    {
      when: "is ignored when only its deletion was reported",
      play: (index: ChildIndex) => (index.delete(child("8")), index.remember(child("7"))),
      want: [],
    },
    {
      when: "is stored when another object of that name was deleted",
      play: (index: ChildIndex) => (index.delete(child("8")), index.remember(child("9", { uid: "2" }))),
      want: ["2@9"],
    },
    {
      when: "is stored again after a label change removed it",
      play: (index: ChildIndex) => (index.delete(child("8")), index.put(child("9"))),
      want: ["1@9"],
    },
    {
      when: "is removed when a later list does not have it",
      play: (index: ChildIndex) => (index.remember(child("7")), index.listed("Service", undefined, "9")),
      want: [],
    },
    {
      when: "stays when the list is older",
      play: (index: ChildIndex) => (index.remember(child("7")), index.listed("Service", undefined, "6")),
      want: ["1@7"],
    },
    {
      when: "stays when a watch reported it: the watch would report its deletion too",
      play: (index: ChildIndex) => (
        index.remember(child("7")),
        index.put(child("7")),
        index.listed("Service", undefined, "9")
      ),
      want: ["1@7"],
    },
    {
      when: "stays when another kind was listed",
      play: (index: ChildIndex) => (index.remember(child("7")), index.listed("Secret", undefined, "9")),
      want: ["1@7"],
    },
    {
      when: "stays when another namespace was listed",
      play: (index: ChildIndex) => (index.remember(child("7")), index.listed("Service", "web", "9")),
      want: ["1@7"],
    },
  ])("$when", ({ play, want }) => {
    const index = new ChildIndex();
    play(index);
    expect(versions(index)).toEqual(want);
  });

  test("is stored by refresh() only while it is known", () => {
    const index = new ChildIndex();
    index.refresh(child("7"));
    expect(versions(index)).toEqual([]);
    index.put(child("6"));
    index.refresh(child("7"));
    expect(versions(index)).toEqual(["1@7"]);
  });
});

test("a recreated object replaces the first, for any versions", () => {
  const index = new ChildIndex();
  index.put(child("9"));
  index.put(child("3", { uid: "2" }));
  expect(versions(index)).toEqual(["2@3"]);
});

test("the deletion of a former object does not remove its successor", () => {
  const index = new ChildIndex();
  index.put(child("9", { uid: "2" }));
  expect(index.delete(child("8"))).toBeUndefined();
  expect(versions(index)).toEqual(["2@9"]);
});

test("remembers a deleted object while an answer may be in flight, and not forever", () => {
  const index = new ChildIndex();
  for (let number = 0; number < 1_500; number++) index.delete(child("8", { uid: `u${number}` }));
  index.remember(child("7", { uid: "u1499" }));
  expect(versions(index)).toEqual([]);
  index.remember(child("7", { uid: "u0" }));
  expect(versions(index)).toEqual(["u0@7"]);
});

test.each([
  ["9", "10", true],
  ["10", "9", false],
  ["10", "10", false],
  ["99999999999999999998", "99999999999999999999", true],
  ["a", "b", false],
  ["", "1", false],
])("version %s is older than %s: %s", (one, other, want) => {
  expect(isOlder(child(one), child(other))).toBe(want);
});
