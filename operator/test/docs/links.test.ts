import { expect, test } from "@jest/globals";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { repository } from "./documents.ts";

const pages = readdirSync(join(repository, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => join(repository, "docs", name));

test.each(pages.map((path) => relative(repository, path)))("%s links to what is there", (name) => {
  const path = join(repository, name);
  const links = [...readFileSync(path, "utf8").replace(/```[^]*?```/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
  expect(links.filter((target) => !exists(path, target))).toEqual([]);
});

function exists(from: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  if (!existsSync(path)) return false;
  return anchor === undefined || anchorsOf(readFileSync(path, "utf8")).includes(anchor);
}

/** As GitHub makes them of headings: small letters, blanks to dashes, all other signs gone. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => title.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"));
}
