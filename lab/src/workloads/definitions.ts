import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { goEnv } from "../../../testkit/programs/go-toolchain.ts";
import type { Places } from "../../../testkit/programs/places.ts";
import { run } from "../../../testkit/run.ts";

/**
 * CustomResourceDefinitions of other projects that optional objects of the operator need. Each entry is a folder in a
 * Go module.
 */
const definitions = [
  {
    module: "github.com/prometheus-operator/prometheus-operator",
    version: "v0.85.0",
    folder: "example/prometheus-operator-crd",
  },
  { module: "sigs.k8s.io/gateway-api", version: "v1.6.3", folder: "config/crd/standard" },
] as const;

/**
 * Returns folders in the cache with the YAML files of these definitions. Downloads them once, from the Go module proxy.
 */
export async function definitionFolders(places: Places, say: (line: string) => void): Promise<string[]> {
  const folders = [];
  for (const { module, version, folder } of definitions) {
    const kept = join(places.cache, "definitions", `${module.replaceAll("/", "_")}@${version}`);
    if (!existsSync(kept)) {
      say(`fetching the resource definitions of ${module} ${version} (5 s)`);
      const found = JSON.parse(
        await run("go", ["mod", "download", "-json", `${module}@${version}`], { cwd: "/", env: await goEnv() }),
      ) as { Dir: string };
      const source = join(found.Dir, folder);
      const fresh = `${kept}.${process.pid}`;
      mkdirSync(fresh, { recursive: true });
      for (const file of readdirSync(source))
        if (file.endsWith(".yaml") && file !== "kustomization.yaml")
          copyFileSync(join(source, file), join(fresh, file));
      if (existsSync(kept)) rmSync(fresh, { recursive: true });
      else renameSync(fresh, kept);
    }
    folders.push(kept);
  }
  return folders;
}
