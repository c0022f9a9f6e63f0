// Simulates the project's next release. The images contain the same programs, but have another tag and digest. The
// chart has a higher version, and its CustomResourceDefinition has one more printer column.
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { run } from "../../testkit/run.ts";
import { withStagedImage } from "../../testkit/cluster/staged-image.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import type { UpState } from "../../testkit/cluster/up-state.ts";
import { EXAMPLE } from "../../testkit/cluster/example.ts";

/** The printer column that only the next release's CustomResourceDefinition has. */
export const NEW_COLUMN = "Paused";

export interface NextRelease {
  /** Folder of the chart. */
  chart: string;
  /** How to reach the cluster of `make up`, together with the names of the next release's images. */
  state: UpState;
  remove(): void;
}

/** Writes the chart of the next release to a folder, and loads its images into the cluster of `make up`. */
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

/**
 * The images of the next release. With CLUSTER=current the test cannot load images: it keeps the operator's image, and
 * names the gateway's image by its digest.
 */
async function nextImages(state: UpState): Promise<Pick<UpState, "operatorImage" | "gatewayImage">> {
  if (state.cluster !== "current")
    return { operatorImage: await nextImage("operator"), gatewayImage: await nextImage("server") };
  const gateways = ["--namespace", EXAMPLE.namespace, "get", "pods", "-l", "app.kubernetes.io/component=server"];
  const digest = "jsonpath={.items[0].status.containerStatuses[0].imageID}";
  const gatewayImage = await runKubectl(state, [...gateways, "-o", digest]);
  return { operatorImage: state.operatorImage, gatewayImage };
}

function nextImage(workspace: "operator" | "server"): Promise<string> {
  return withStagedImage(workspace, async (staged) => {
    const reference = `${staged.reference}-next`;
    appendFileSync(join(staged.folder, "dist/main.mjs"), "\n// the next release\n");
    const file = join(staged.folder, "image.json");
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), name: reference }));
    await run(process.execPath, ["tools/up/main.ts", "load", staged.folder, workspace]);
    return reference;
  });
}
