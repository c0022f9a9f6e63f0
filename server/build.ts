// Bundles the gateway with all its packages into dist/. The image contains only this folder and Node.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { unmappedPackages } from "../tools/unmapped-packages.ts";

/**
 * Empties the folder. Then writes main.mjs, source maps, and one chunk for each optional part, which the gateway
 * imports only if that part is configured.
 */
export async function bundle(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: { main: join(import.meta.dirname, "src/entry.ts") },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    splitting: true,
    chunkNames: "[name]-[hash]",
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // The Redis adapter recognizes a Redis Cluster client by the name of its class.
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [unmappedPackages],
    // CommonJS packages in the bundle load Node's own modules with `require`, which does not exist in an ES module.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    // Optional native packages of ws. They are not installed, and ws works without them.
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "warning",
  });
}

if (import.meta.main) await bundle(join(import.meta.dirname, "dist"));
