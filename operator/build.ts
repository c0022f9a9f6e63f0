// Bundles the operator into dist/, which is all its image holds beside Node: client-node alone takes 0.8 s to import unbundled.
import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * Leaves the lines of packages out of the source map: Node decodes the whole map when the first stack trace is read and holds it for
 * good, which took 41 MiB, a sixth of the operator's memory limit. A map that knows a file's first column only says nothing of the rest.
 */
const unmappedPackages: Plugin = {
  name: "unmapped packages",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      const map = JSON.stringify({ version: 3, sources: [basename(path)], names: [], mappings: "AAAA" });
      return { contents: `${await readFile(path, "utf8")}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`, loader: "js" };
    });
  },
};

/** Writes main.mjs and its source map into the folder, which is emptied first. */
export async function bundle(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: [join(import.meta.dirname, "src/main.ts")],
    outfile: join(folder, "main.mjs"),
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "node",
    target: "node24",
    format: "esm",
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [unmappedPackages],
    // CommonJS packages inside ask for Node's own modules by require.
    banner: { js: '#!/usr/bin/env node\nimport { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);' },
    logLevel: "warning",
  });
}

if (import.meta.main) await bundle(join(import.meta.dirname, "dist"));
