import { expect, test } from "@jest/globals";
import { clusterWith } from "../../../test/reconcile/build.ts";
import { consequence } from "./consequence.ts";

const template = (image: string): string => JSON.stringify({ spec: { template: { image } } });
const changes = [{ title: "Deployment apps/chat-server", before: template("old"), after: template("new") }];
const connections = { total: 12_000, mostLoadedPod: "a", leastLoadedPod: "b" };

test.each([
  {
    when: "one by one",
    spec: { replicas: 3 },
    want: "one by one: each connection moves 1.4 times on average, 100 a second",
  },
  { when: "with one pod", spec: { replicas: 1 }, want: "one by one: each connection moves once, 100 a second" },
  {
    when: "all at once",
    spec: { replicas: 3, rollout: { strategy: "AllAtOnce" } },
    want: "all at once: each connection moves once, 100 a second",
  },
  {
    when: "when the connections are known",
    spec: { replicas: 3, rollout: { strategy: "AllAtOnce" } },
    status: { replicas: 3, connections },
    want: "each connection moves once, 100 a second, in about 120 s plus the time in which the pods start",
  },
])("says how often connections move in a rollout $when", ({ spec, status = {}, want }) => {
  expect(consequence(changes, clusterWith(spec, {}, status))).toContain(want);
});
