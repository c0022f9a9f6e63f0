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
    name: "an event that is older than what is known changes nothing",
    happens: (clusters) => (clusters.put(first("12")), clusters.put(first("11"))),
    want: [uid, "12"],
  },
  {
    name: "the answer to a write is known before its event comes",
    happens: (clusters) => (clusters.put(first("10")), clusters.refresh(first("12"))),
    want: [uid, "12"],
  },
  {
    name: "an answer that comes after the deletion brings nothing back to life",
    happens: (clusters) => (clusters.put(first("10")), clusters.delete(first("11")), clusters.refresh(first("10"))),
    want: undefined,
  },
  {
    name: "a cluster made again takes the place of the first, and a late answer about that one changes nothing",
    happens: (clusters) => (clusters.put(first("10")), clusters.put(again("20")), clusters.refresh(first("12"))),
    want: ["another", "20"],
  },
  {
    name: "a late deletion of the first one leaves it where it is",
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
