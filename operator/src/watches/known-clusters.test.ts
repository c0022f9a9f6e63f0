import { expect, test } from "@jest/globals";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { clusterWith, uid } from "../../test/reconcile/build.ts";
import { KnownClusters } from "./known-clusters.ts";

const first = (resourceVersion: string): RealtimeCluster => clusterWith({}, { resourceVersion, managedFields: [] });
const again = (resourceVersion: string): RealtimeCluster => clusterWith({}, { resourceVersion, uid: "another" });

const host = (name: string) => ({ exposure: { type: "Ingress", host: name } });
const twin = (spec: object, generation: number) =>
  clusterWith(spec, { name: "twin", uid: "twin", generation, resourceVersion: `${10 + generation}` });

test("knows the clusters that share a host when one changes its host or is deleted", () => {
  const clusters = new KnownClusters();
  const sharing = () => clusters.sharingHost("apps/chat").map(({ metadata }) => metadata.name);
  clusters.put(clusterWith(host("a.example.com")));
  clusters.put(twin(host("a.example.com"), 1));
  expect(sharing()).toEqual(["twin"]);
  clusters.put(twin(host("b.example.com"), 2));
  expect(sharing()).toEqual([]);
  clusters.put(twin(host("a.example.com"), 3));
  clusters.put(clusterWith({ exposure: { type: "None" } }, { name: "inside", uid: "inside" }));
  expect(sharing()).toEqual(["twin"]);
  expect(clusters.sharingHost("apps/inside")).toEqual([]);
  clusters.delete(twin(host("a.example.com"), 4));
  expect(sharing()).toEqual([]);
});

test("names the clusters of the same host when a spec changes, and none when only a status does", () => {
  const clusters = new KnownClusters();
  expect(clusters.put(clusterWith(host("a.example.com")))).toEqual([]);
  expect(clusters.put(twin(host("a.example.com"), 1))).toEqual(["apps/chat"]);
  const withStatus = { ...twin(host("a.example.com"), 1), status: {} };
  withStatus.metadata = { ...withStatus.metadata, resourceVersion: "12" };
  expect(clusters.put(withStatus)).toEqual([]);
  const otherClass = { exposure: { type: "Ingress", host: "a.example.com", ingress: { className: "inside" } } };
  expect(clusters.refresh(twin(otherClass, 3))).toEqual(["apps/chat"]);
  expect(clusters.put(twin(host("b.example.com"), 4))).toEqual(["apps/chat"]);
  expect(clusters.put(twin(host("a.example.com"), 5))).toEqual(["apps/chat"]);
  expect(clusters.delete(twin(host("a.example.com"), 6))).toEqual(["apps/chat"]);
});

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

test("keeps the last writer of the spec, also through a write of the status", () => {
  const clusters = new KnownClusters();
  const entry = (manager: string, time: string, subresource?: string) => ({
    ...{ manager, time, fieldsV1: {} },
    ...(subresource === undefined ? {} : { subresource }),
  });
  const managedFields = [
    entry("kubectl-create", "2026-11-25T12:00:00Z"),
    entry("kubectl-edit", "2026-11-25T12:01:00Z"),
    entry("realtime-operator", "2026-11-25T12:02:00Z", "status"),
  ];
  clusters.put(clusterWith({}, { managedFields }));
  expect(clusters.get("apps/chat")?.metadata.managedFields).toEqual([{ manager: "kubectl-edit" }]);
});
