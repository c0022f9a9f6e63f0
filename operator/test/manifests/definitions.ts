import { join } from "node:path";
import { goEnv } from "../../../testkit/programs/go-toolchain.ts";
import { run } from "../../../testkit/run.ts";

const modules = {
  prometheusOperator: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
  gatewayApi: "sigs.k8s.io/gateway-api@v1.6.3",
} as const;

/**
 * The path of a CRD file in another project, which publishes its files as a Go module. Go downloads the module once and
 * keeps it in its cache.
 */
export async function definitions(module: keyof typeof modules, path: string): Promise<string> {
  const { Dir } = JSON.parse(
    await run("go", ["mod", "download", "-json", modules[module]], { cwd: "/", env: await goEnv() }),
  ) as { Dir: string };
  return join(Dir, path);
}
