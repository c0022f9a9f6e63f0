// Checks that whatever the documentation names exists: files, headings, make targets, and the paths in the tables of
// docs/architecture.md.
import { expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = globSync(["*.md", "{docs,charts,lab,server,operator,examples,e2e,bench}/**/*.md"], {
  cwd: root,
  exclude: (name) => name.includes("node_modules") || name.endsWith(".template.md"),
}).sort();
const prose = (text: string) => text.replace(/^```[^]*?^```$/gm, "");

/**
 * The anchors that GitHub makes from headings: in lower case, with dashes instead of spaces, and without punctuation.
 */
function anchorsOf(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Says why a relative link is broken. Undefined when it is not. */
function brokenness(page: string, target: string): string | undefined {
  const [file = "", anchor] = decodeURI(target).split("#");
  const path = file === "" ? page : join(dirname(page), file);
  if (!existsSync(join(root, path))) return `${target}: there is no ${path}`;
  return anchor === undefined || anchorsOf(read(path)).includes(anchor)
    ? undefined
    : `${target}: ${path} has no such heading`;
}

test("finds the pages", () => {
  expect(pages).toEqual(
    expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/install.md", "charts/realtime-operator/README.md"]),
  );
});

test.each(pages)("%s links to existing files and headings", (page) => {
  const targets = [...prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
  expect(targets.flatMap((target) => brokenness(page, target) ?? [])).toEqual([]);
});

test.each(pages)("%s names existing make targets", (page) => {
  const targets = new Set([...read("Makefile").matchAll(/^([a-z0-9_-]+):/gm)].map(([, target = ""]) => target));
  const code = [...read(page).matchAll(/`([^`\n]+)`/g), ...read(page).matchAll(/^(?: {4}|\$ )(.*)$/gm)].map(
    ([, text = ""]) => text,
  );
  const named = code
    .flatMap((text) => [...text.matchAll(/(?:^|&& |; |[A-Z_]+=\S+ )make ((?:[a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*)*)/g)])
    .flatMap(([, words = ""]) => words.split(" ")[0] ?? []);
  expect(named.filter((target) => !targets.has(target))).toEqual([]);
});

test("make help lists every target that is not a file", () => {
  const phony = [...read("Makefile").matchAll(/^\.PHONY: (.*)$/gm)].flatMap(([, names = ""]) => names.split(" "));
  const help = execFileSync("make", ["--no-print-directory", "help"], { cwd: root, encoding: "utf8" });
  const listed = [...help.matchAll(/^ {2}make ([a-z0-9-]+) +\S/gm)].map(([, target = ""]) => target);
  expect(phony.length).toBeGreaterThan(10);
  expect(listed.sort()).toEqual(phony.sort());
});

test("docs/architecture.md maps concepts to existing files", () => {
  const [, map = ""] = read("docs/architecture.md").split("## Where is what");
  const rows = [...map.matchAll(/^\| [^|]+ \| ([^|]+) \|$/gm)]
    .map(([, cell = ""]) => cell)
    .filter((cell) => cell.includes("`"));
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    let folder = "";
    for (const [, name = ""] of row.matchAll(/`([^`]+)`/g)) {
      if (name.startsWith("make ")) continue;
      const pattern = name.replaceAll(/<[^>]+>/g, "*");
      // A table cell may list several names. A name without a folder belongs to the folder of the name before it, or to
      // that folder's parent.
      const places = folder === "" ? [pattern] : [pattern, join(folder, pattern), join(dirname(folder), pattern)];
      expect([row, name, places.some((place) => globSync(place, { cwd: root }).length > 0)]).toEqual([row, name, true]);
      folder = name.includes("/") ? (/\.\w+$/.test(name) ? dirname(pattern) : pattern) : folder;
    }
  }
});

test("skaffold.yaml names existing Dockerfiles, chart and values", () => {
  const { build, deploy } = parse(read("skaffold.yaml")) as {
    build: { artifacts: { image: string; docker: { dockerfile: string } }[] };
    deploy: { helm: { releases: { chartPath: string; setValueTemplates: Record<string, string> }[] } };
  };
  for (const { docker } of build.artifacts)
    expect([docker.dockerfile, existsSync(join(root, docker.dockerfile))]).toEqual([docker.dockerfile, true]);
  for (const { chartPath, setValueTemplates } of deploy.helm.releases) {
    const values = parse(read(join(chartPath, "values.yaml"))) as Record<string, unknown>;
    for (const key of Object.keys(setValueTemplates)) {
      const found = key
        .split(".")
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], values);
      expect([key, found === undefined]).toEqual([key, false]);
    }
  }
});

test("Compose files name existing Dockerfiles and mounted files", () => {
  for (const file of globSync(["docker-compose.yml", "{server,examples}/**/docker-compose.yml"], {
    cwd: root,
    exclude: (name) => name.includes("node_modules"),
  })) {
    const { services } = parse(read(file), { merge: true }) as {
      services: Record<string, { build?: { context?: string; dockerfile?: string }; volumes?: string[] }>;
    };
    for (const [name, { build, volumes = [] }] of Object.entries(services)) {
      const context = join(dirname(file), build?.context ?? ".");
      const named = [
        ...(build?.dockerfile === undefined ? [] : [join(context, build.dockerfile)]),
        ...volumes.flatMap((volume) =>
          volume.startsWith("./") ? [join(dirname(file), volume.split(":")[0] ?? "")] : [],
        ),
      ];
      expect([name, named.filter((path) => !existsSync(join(root, path)))]).toEqual([name, []]);
    }
  }
});
