import { expect, test } from "@jest/globals";
import { strategicMerge } from "./strategic-merge.ts";

const base = {
  metadata: { labels: { app: "chat" } },
  spec: {
    securityContext: { runAsUser: 1, runAsNonRoot: true },
    containers: [
      {
        name: "gateway",
        image: "a",
        args: ["1", "2"],
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Mi" } }],
  },
};

// strategic-merge.integration.test.ts checks that a real API server gives the same results.
test.each([
  {
    when: "a map is given",
    patch: { metadata: { labels: { team: "web" } } },
    want: { metadata: { labels: { app: "chat", team: "web" } } },
  },
  {
    when: "null is given",
    patch: { spec: { securityContext: { runAsUser: null } } },
    want: { spec: { securityContext: { runAsNonRoot: true } } },
  },
  {
    when: "an item has a key that is there",
    patch: { spec: { containers: [{ name: "gateway", image: "b" }] } },
    want: { spec: { containers: [{ name: "gateway", image: "b", args: ["1", "2"] }] } },
  },
  {
    when: "an item has a new key",
    patch: { spec: { containers: [{ name: "sidecar", image: "s" }] } },
    want: { spec: { containers: [{ name: "gateway" }, { name: "sidecar", image: "s" }] } },
  },
  {
    when: "an item is deleted",
    patch: { spec: { containers: [{ name: "gateway", env: [{ name: "A", $patch: "delete" }] }] } },
    want: { spec: { containers: [{ env: [{ name: "B", value: "2" }] }] } },
  },
  {
    when: "a list has no merge key",
    patch: { spec: { containers: [{ name: "gateway", args: ["3"] }] } },
    want: { spec: { containers: [{ args: ["3"] }] } },
  },
  {
    when: "an item keeps listed keys only",
    patch: { spec: { volumes: [{ name: "tmp", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] } },
    want: { spec: { volumes: [{ name: "tmp", hostPath: { path: "/x" } }] } },
  },
  {
    when: "a list is replaced",
    patch: { spec: { volumes: [{ $patch: "replace" }, { name: "new", emptyDir: {} }] } },
    want: { spec: { volumes: [{ name: "new", emptyDir: {} }] } },
  },
])("keeps the rest when $when", ({ patch, want }) => {
  expect(strategicMerge(base, patch)).toMatchObject(want);
});

test("leaves no directive when a deleted item does not exist or a new part contains one", () => {
  expect(
    strategicMerge(base, {
      spec: {
        containers: [{ name: "none", $patch: "delete" }],
        extra: { $patch: "replace", a: null, b: [{ $patch: "delete" }] },
      },
    }),
  ).toEqual({
    ...base,
    spec: { ...base.spec, extra: { b: [{}] } },
  });
});

test.each([
  { patch: null },
  { patch: "text" },
  { patch: { spec: null } },
  { patch: { spec: "text" } },
  { patch: { spec: { containers: {} } } },
  { patch: { spec: { containers: [null, 1] } } },
])("does not throw when the patch has a wrong shape: $patch", ({ patch }) => {
  expect(() => strategicMerge(base, patch)).not.toThrow();
});
