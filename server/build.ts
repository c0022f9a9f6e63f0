// Bundles the gateway into dist/, which is all its image holds besides Node.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { unmappedPackages } from "../tools/unmapped-packages.ts";

/**
 * Empties the folder, then writes main.mjs, source maps, and a chunk for each part that is imported only where it is
 * configured.
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
    // The Redis adapter knows a Cluster client by its constructor's name.
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [unmappedPackages],
    // CommonJS packages inside ask for Node's own modules by require.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    // Native accelerators of ws, which are not installed: it falls back by itself.
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "warning",
  });
}

if (import.meta.main) await bundle(join(import.meta.dirname, "dist"));
