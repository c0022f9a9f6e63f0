import { expect, test } from "@jest/globals";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { clusterWith, uid } from "../../test/reconcile/build.ts";
import { KnownClusters } from "./known-clusters.ts";

const first = (resourceVersion: string): RealtimeCluster => clusterWith({}, { resourceVersion, managedFields: [] });
const again = (resourceVersion: string): RealtimeCluster => clusterWith({}, { resourceVersion, uid: "another" });

test.each<{
  name: string;
  happens: (clusters: KnownClusters) => void;
  want: [uid: string | undefined, resourceVersion: string] | undefined;
}>([
  {
    name: "ignores an event older than the known version",
    happens: (clusters) => (clusters.put(first("12")), clusters.put(first("11"))),
    want: [uid, "12"],
  },
  {
    name: "knows the answer to a write before its event comes",
    happens: (clusters) => (clusters.put(first("10")), clusters.refresh(first("12"))),
    want: [uid, "12"],
  },
  {
    name: "ignores an answer that comes after the deletion",
    happens: (clusters) => (clusters.put(first("10")), clusters.delete(first("11")), clusters.refresh(first("10"))),
    want: undefined,
  },
  {
    name: "replaces the first cluster by the recreated one, and ignores a late answer about the first",
    happens: (clusters) => (clusters.put(first("10")), clusters.put(again("20")), clusters.refresh(first("12"))),
    want: ["another", "20"],
  },
  {
    name: "keeps the recreated cluster when the first one's deletion comes late",
    happens: (clusters) => (clusters.put(first("10")), clusters.put(again("20")), clusters.delete(first("11"))),
    want: ["another", "20"],
  },
])("$name", ({ happens, want }) => {
  const clusters = new KnownClusters();
  happens(clusters);
  const known = clusters.get("apps/chat");
  expect(known && [known.metadata.uid, known.metadata.resourceVersion]).toEqual(want);
  expect(clusters.keys).toEqual(want === undefined ? [] : ["apps/chat"]);
  expect(known?.metadata.managedFields).toBeUndefined();
});
