import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Removes packages from a bundle's source map. Node decodes the whole map at the first stack trace and keeps it: 41 MiB
 * in the operator and 37 MiB in a gateway. Only the first column of each package file stays mapped.
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
