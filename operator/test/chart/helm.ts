import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { binaryGroups, buildBinaries } from "../../../testkit/programs/binaries.ts";
import { binDir, placesOf } from "../../../testkit/programs/places.ts";
import { run } from "../../../testkit/run.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";

export const chart = join(import.meta.dirname, "../../../charts/realtime-operator");
export const chartCases = join(import.meta.dirname, "../../testdata/chart");
export const chartCaseNames: readonly string[] = readdirSync(chartCases);

/** Builds helm, unless the binary exists. helm is built together with the lab's other programs. */
export async function installHelm(): Promise<void> {
  await buildBinaries(
    placesOf(process.env),
    binaryGroups.filter(({ name }) => name === "node"),
    (line) => process.stderr.write(`${line}\n`),
  );
}

/** Runs helm. If it fails, throws an error with its output. */
export function helm(args: readonly string[]): Promise<string> {
  return run(join(binDir(placesOf(process.env)), "helm"), args);
}

/** Runs `helm template` for the release "realtime" in the namespace realtime-system, with the values of one case. */
export function render(caseName: string): Promise<string> {
  return helm([
    "template",
    "realtime",
    chart,
    "--namespace",
    "realtime-system",
    "--values",
    join(chartCases, caseName, "values.yaml"),
  ]);
}

export function objectsOf(rendered: string): KubeObject[] {
  return parseAllDocuments(rendered).map((document) => {
    // Throw for a duplicate key: Helm accepts it, but kustomize, Flux and Argo CD refuse such output of Helm.
    for (const error of document.errors) throw error;
    return document.toJS() as KubeObject;
  });
}
