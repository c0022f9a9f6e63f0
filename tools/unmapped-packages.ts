import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Plugin } from "esbuild";

/**
 * An esbuild plugin that removes npm packages from a bundle's source map, which saves memory: at the first stack trace,
 * Node decodes the whole map and keeps it (41 MiB in the operator, 37 MiB in a gateway). For a package's file, only the
 * first column stays in the map.
 */
export const unmappedPackages: Plugin = {
  name: "unmapped packages",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      const map = JSON.stringify({ version: 3, sources: [basename(path)], names: [], mappings: "AAAA" });
      return {
        contents: `${await readFile(path, "utf8")}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`,
        loader: "js",
      };
    });
  },
};
