import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The content of the file image.json, which describes an image. The lab builds the image from it, and a test checks
 * that the Dockerfile describes the same image.
 */
interface ImageDescription {
  name: string;
  files: { from: string; to: string }[];
  [field: string]: unknown;
}

export interface StagedImage {
  repository: string;
  /** `dev-` and a hash of the content. A changed build gets a new tag, so Kubernetes replaces the pods. */
  tag: string;
  reference: string;
  /** The folder that contains image.json and the image's files. The lab builds the image from it. */
  folder: string;
}

/**
 * Copies the files of a workspace's image and its image.json to a temporary folder, and removes the folder after `use`.
 * Throws when the workspace was not built.
 */
export async function withStagedImage<T>(workspace: string, use: (image: StagedImage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "realtime-image-"));
  try {
    return await use(stage(workspace, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function stage(workspace: string, folder: string): StagedImage {
  const description = JSON.parse(readFileSync(join(workspace, "image.json"), "utf8")) as ImageDescription;
  const hash = createHash("sha256").update(JSON.stringify(description));
  for (const { from } of description.files) {
    for (const file of readdirSync(join(workspace, from), { recursive: true, withFileTypes: true }).sort(byPath)) {
      if (file.isFile()) hash.update(file.name).update(readFileSync(join(file.parentPath, file.name)));
    }
    mkdirSync(join(folder, from), { recursive: true });
    cpSync(join(workspace, from), join(folder, from), { recursive: true });
  }
  const repository = description.name.replace(/:[^:/]*$/, "");
  const tag = `dev-${hash.digest("hex").slice(0, 12)}`;
  writeFileSync(join(folder, "image.json"), JSON.stringify({ ...description, name: `${repository}:${tag}` }, null, 2));
  return stagedImageOf(folder);
}

/** Describes the image whose files are in this folder. */
export function stagedImageOf(folder: string): StagedImage {
  const { name } = JSON.parse(readFileSync(join(folder, "image.json"), "utf8")) as ImageDescription;
  const colon = name.lastIndexOf(":");
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1), reference: name, folder };
}

function byPath(a: { parentPath: string; name: string }, b: { parentPath: string; name: string }): number {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}
