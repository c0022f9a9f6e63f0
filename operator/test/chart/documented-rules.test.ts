import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../../..");

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/**
 * The permissions in the template as text: "deployments.apps: create get". Removes the template's directives, which are
 * on their own lines. The remaining text is YAML.
 */
function granted(): string[] {
  const template = readFileSync(join(root, "charts/realtime-operator/templates/_rules.tpl"), "utf8")
    .replace(/\{\{-? \/\*.*?\*\/ -?\}\}/gs, "")
    .replace(/^\{\{.*\}\}$/gm, "");
  return (parse(template) as Rule[]).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.map((resource) => line(nameOf(resource, group), verbs))),
  );
}

function nameOf(resource: string, group: string): string {
  const [plural = "", ...subresource] = resource.split("/");
  return [group === "" ? plural : `${plural}.${group}`, ...subresource].join("/");
}

function documented(): string[] {
  const [, section = ""] = readFileSync(join(root, "docs/install.md"), "utf8").split("## What the operator may do");
  return [...section.matchAll(/^\| (`[^|]+) \| ([a-z, ]+?) +\| /gm)].flatMap(([, resources = "", verbs = ""]) =>
    [...resources.matchAll(/`([^`]+)`/g)].map(([, resource = ""]) => line(resource, verbs.split(", "))),
  );
}

function line(resource: string, verbs: readonly string[]): string {
  return `${resource}: ${[...verbs].sort().join(" ")}`;
}

test("docs/install.md lists exactly the permissions the chart grants", () => {
  expect(granted().length).toBeGreaterThan(10);
  expect(documented().sort()).toEqual(granted().sort());
});
