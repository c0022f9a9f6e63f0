import { parseAllDocuments, type Document } from "yaml";
import type { KubeObject } from "../../api/kube-object.ts";
import { group, kind } from "../../api/realtime-cluster.ts";
import type { CommandDeps } from "../command-deps.ts";

/** One RealtimeCluster of a file, as the user wrote it. */
export interface ClusterDocument {
  /** "chat.yaml", or "chat.yaml document 2" if the file has several. Every message about the cluster begins with it. */
  where: string;
  object: KubeObject;
}

export interface Documents {
  clusters: ClusterDocument[];
  /** How many objects of other kinds were skipped. */
  others: number;
  /** Each problem names the file and the document, and says what to do. */
  problems: string[];
}

/** Limits how much YAML aliases can expand, because nested aliases double its size again and again. */
const MAX_ALIAS_COUNT = 100;

/**
 * Reads the clusters in the files. An object of kind List may contain clusters as well. When a file cannot be read, the
 * result has a problem, and nothing is thrown.
 */
export async function readDocuments(paths: readonly string[], readText: CommandDeps["readText"]): Promise<Documents> {
  const found: Documents = { clusters: [], others: 0, problems: [] };
  for (const path of paths) {
    const name = path === "-" ? "standard input" : path;
    try {
      add(found, name, await readText(path));
    } catch (error) {
      found.problems.push(`${name}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (found.clusters.length === 0 && found.problems.length === 0) {
    found.problems.push(
      `${paths.map((path) => (path === "-" ? "standard input" : path)).join(", ")}: contains no ${kind}`,
    );
  }
  return found;
}

function add(found: Documents, name: string, text: string): void {
  // Kubernetes parses YAML as version 1.1, in which "on" means true. But unlike version 1.1, it does not parse 12:30 as
  // a number in base 60.
  const parsed = parseAllDocuments(text, {
    version: "1.1",
    merge: true,
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.format !== "TIME"),
  });
  const documents = (Array.isArray(parsed) ? parsed : []) as Document[];
  for (const [index, document] of documents.entries()) {
    const where = documents.length === 1 ? name : `${name} document ${index + 1}`;
    const [error] = document.errors;
    if (error !== undefined) {
      found.problems.push(`${where}: is not valid YAML: ${error.message.replace(/:?\n[^]*$/, "")}`);
      continue;
    }
    // The YAML parser returns Date objects for timestamps. Converting the value to JSON text and back turns them into
    // strings.
    const value = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) ?? null)) as unknown;
    if (value !== null) addObject(found, where, value);
  }
}

function addObject(found: Documents, where: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    found.problems.push(`${where}: is not an object: start with apiVersion and kind`);
    return;
  }
  const object = value as KubeObject;
  if (/List$/.test(String(object.kind)) && Array.isArray(object["items"])) {
    for (const [index, item] of (object["items"] as unknown[]).entries())
      addObject(found, `${where} item ${index + 1}`, item);
  } else if (object.kind === kind || String(object.apiVersion).startsWith(`${group}/`)) {
    found.clusters.push({ where, object });
  } else if (typeof object.kind !== "string") {
    found.problems.push(`${where}: has no kind: add kind: ${kind}`);
  } else {
    found.others += 1;
  }
}
