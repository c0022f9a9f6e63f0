// Bundles the operator into the folder dist/, which is the only content of its image besides Node. Without a bundle,
// the import of the package client-node alone takes 0.8 s.
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { unmappedPackages } from "../tools/unmapped-packages.ts";

/**
 * Empties the folder. Then writes main.mjs, the programs of child processes, the files that these import, their source
 * maps, and the page of the inspector into it.
 */
export async function bundle(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: {
      main: join(import.meta.dirname, "src/entry.ts"),
      "handler-host": join(import.meta.dirname, "src/dev/handler-host/main.ts"),
      "end-with-parent": join(import.meta.dirname, "src/dev/children/end-with-parent.ts"),
      "kill-with-parent": join(import.meta.dirname, "src/dev/children/kill-with-parent.ts"),
    },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    splitting: true,
    chunkNames: "[name]-[hash]",
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "node",
    target: "node24",
    format: "esm",
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [unmappedPackages],
    // The bundle contains CommonJS packages, which load Node's own modules by require(). An ES module has no require(),
    // so define it.
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  copyFileSync(join(import.meta.dirname, "src/dev/inspector/inspector.html"), join(folder, "inspector.html"));
}

if (import.meta.main) await bundle(join(import.meta.dirname, "dist"));
