/**
 * The program of `make bench-operator`. By default it measures the operator with many clusters, on a control plane that
 * it starts (CLUSTERS=500, FOREIGN=20000). With LIVE=1 it measures how fast live edits reach gateways with clients, on
 * the cluster of `make up` (EDITS=50).
 */
import { readState } from "../../testkit/cluster/up-state.ts";
import { say, writeFigures, type Figure } from "./figures.ts";
import { liveEdits } from "./live-edits.ts";
import { manyClusters } from "./many-clusters.ts";

const figures: [string, string][] = [];
const figure: Figure = (what, value) => {
  figures.push([what, value]);
  say(`${what}: ${value}`);
};
const size = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

if (process.env["LIVE"] === undefined) {
  await manyClusters({ clusters: size("CLUSTERS", 500), foreign: size("FOREIGN", 20_000) }, figure);
  writeFigures("make bench-operator", "API server, etcd, controllers and operator on the same cores", figures);
} else {
  const state = readState(process.env);
  if (state === undefined)
    throw new Error("LIVE=1 needs gateways that run, on the cluster of make up, and there is none: run make up first");
  await liveEdits(size("EDITS", 50), figure);
  writeFigures(
    "make bench-operator LIVE=1",
    `the ${state.cluster} cluster of make up, everything on the same cores`,
    figures,
  );
}
