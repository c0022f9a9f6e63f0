// The release after this one, as far as the cluster can tell: the same programs in images of another digest and tag, and a chart of
// a higher version whose definition has one printer column more.
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { run } from "../../testkit/run.ts";
import { withAppImage } from "../../tools/up/app-image.ts";
import { providerOf } from "../../tools/up/provider-of.ts";
import type { UpState } from "../../tools/up/state.ts";
import { EXAMPLE } from "../../tools/up/up.ts";

/** Printer column that only the next release's definition has. */
export const NEW_COLUMN = "Paused";

export interface NextRelease {
  /** Folder of the chart. */
  chart: string;
  /** What make up's values become: the same but for the images of operator and gateway. */
  state: UpState;
  remove(): void;
}

/** Lays out the chart and loads the images into the cluster of make up. */
export async function nextRelease(state: UpState): Promise<NextRelease> {
  const folder = mkdtempSync(join(tmpdir(), "realtime-next-"));
  const chart = join(folder, "realtime-operator");
  cpSync("charts/realtime-operator", chart, { recursive: true });
  const description = join(chart, "Chart.yaml");
  writeFileSync(description, readFileSync(description, "utf8").replace(/^version: .*$/m, "version: 99.0.0"));
  const file = join(chart, "files/crd.yaml");
  const crd = parse(readFileSync(file, "utf8")) as { spec: { versions: { additionalPrinterColumns: object[] }[] } };
  crd.spec.versions[0]?.additionalPrinterColumns.push({ name: NEW_COLUMN, type: "boolean", jsonPath: ".spec.paused" });
  writeFileSync(file, stringify(crd));
  return {
    chart,
    state: { ...state, ...(await nextImages(state)) },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** On a cluster that nothing can be loaded into the operator's image stays, and the chart's version alone makes other pods; the gateway's is named by its digest. */
async function nextImages(state: UpState): Promise<Pick<UpState, "operatorImage" | "gatewayImage">> {
  if (state.cluster !== "current")
    return { operatorImage: await nextImage(state, "operator"), gatewayImage: await nextImage(state, "server") };
  const gateways = ["--namespace", EXAMPLE.namespace, "get", "pods", "-l", "app.kubernetes.io/component=server"];
  const gatewayImage = await run(state.kubectl, [
    `--kubeconfig=${state.kubeconfig}`,
    ...gateways,
    "-o",
    "jsonpath={.items[0].status.containerStatuses[0].imageID}",
  ]);
  return { operatorImage: state.operatorImage, gatewayImage };
}

function nextImage(state: UpState, workspace: "operator" | "server"): Promise<string> {
  return withAppImage(workspace, async (staged) => {
    const tag = `${staged.tag}-next`;
    const reference = `${staged.repository}:${tag}`;
    appendFileSync(join(staged.folder, "dist/main.mjs"), "\n// the next release\n");
    const file = join(staged.folder, "image.json");
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), name: reference }));
    await providerOf(state.cluster, process.env).load({ ...staged, tag, reference }, workspace);
    return reference;
  });
}
