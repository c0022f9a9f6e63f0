import { readFileSync, globSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..");

/** For each file of a folder, the files that it imports, including imports of types. */
function importsOf(folder: string): Map<string, string[]> {
  const files = globSync(`${folder}/**/*.ts`, { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const imported = [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)];
      return [file, imported.map(([, path]) => normalize(join(dirname(file), path!)))];
    }),
  );
}

/** Finds a circle of imports and returns it as a path that ends with its first file. Undefined when there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    done.add(file);
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next);
      if (circle !== undefined) return circle;
    }
    path.pop();
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe("imports", () => {
  test.each(["operator/src", "server/src"])("form no circle in %s", (folder) => {
    const imports = importsOf(folder);
    expect(imports.size).toBeGreaterThan(50);
    expect(circleIn(imports)).toBeUndefined();
  });

  test("are found to form a circle when they do", () => {
    const imports = new Map([
      ["a", ["b"]],
      ["b", ["c", "d"]],
      ["c", []],
      ["d", ["a"]],
    ]);
    expect(circleIn(imports)).toEqual(["a", "b", "d", "a"]);
  });
});
