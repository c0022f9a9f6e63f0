import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runtimePackages, unpackPackages } from "../../../testkit/programs/debian.ts";
import { ctr } from "../node/node-cluster.ts";
import type { Layout } from "../node/layout.ts";
import type { Places } from "../../../testkit/programs/places.ts";
import { describeImage, layerOf, writeImage } from "./archive.ts";
import { systemImageArchives } from "./system-images.ts";

/**
 * The content of a file image.json, which describes an image of this project. The Dockerfile in the same folder
 * describes the same image.
 */
export interface AppImage {
  name: string;
  user: string;
  workdir: string;
  entrypoint: readonly string[];
  env: Readonly<Record<string, string>>;
  /** The files to copy into the image. `from` is relative to the folder of image.json. */
  files: readonly { from: string; to: string }[];
}

/** Parses a file image.json. If a field is missing or wrong, throws an error that names it. */
export function parseAppImage(text: string, file: string): AppImage {
  const found = JSON.parse(text) as Partial<AppImage>;
  const bad = (field: string, wanted: string) => new Error(`${file}: ${field} must be ${wanted}`);
  if (typeof found.name !== "string" || !/^[a-z0-9.-]+\.[a-z0-9.-]+\/[a-z0-9/._-]+:[\w.-]+$/.test(found.name))
    throw bad("name", 'like "lab.local/my-app:dev"');
  if (typeof found.user !== "string" || !/^\d+:\d+$/.test(found.user)) throw bad("user", 'numbers like "65532:65532"');
  if (!Array.isArray(found.entrypoint) || found.entrypoint.length === 0)
    throw bad("entrypoint", "a list with the program first");
  if (!Array.isArray(found.files) || found.files.length === 0) throw bad("files", "a list of {from, to}");
  return { workdir: "/app", env: {}, ...found } as AppImage;
}

/**
 * Builds the image on top of the lab's Node image, and imports it into the running cluster. Returns false if the
 * cluster had the same image already.
 */
export async function loadAppImage(
  folder: string,
  layout: Layout,
  places: Places,
  say: (line: string) => void,
): Promise<boolean> {
  const image = parseAppImage(readFileSync(join(folder, "image.json"), "utf8"), join(folder, "image.json"));
  const base = (await systemImageArchives(places, say)).find(({ name }) => name === "lab.local/node:24");
  if (base === undefined) throw new Error("the Node base image is missing from the lab's list");
  const work = mkdtempSync(join(tmpdir(), "lab-app-image-"));
  try {
    const root = join(work, "root");
    for (const { from, to } of image.files) {
      const source = join(folder, from);
      if (!existsSync(source))
        throw new Error(
          `${join(folder, "image.json")}: files names ${from}, which does not exist: build the application first`,
        );
      const target = join(root, to);
      mkdirSync(statSync(source).isDirectory() ? target : dirname(target), { recursive: true });
      cpSync(source, target, { recursive: true });
    }
    await layerOf(root, join(work, "layer.tar"));
    const layers = [base.layer, join(work, "layer.tar")];
    const described = await describeImage(image, layers);
    const stamp = join(layout.folder, "images", image.name.replaceAll(/[^a-zA-Z0-9.]+/g, "-"));
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === described.digest) return false;
    await writeImage(described, layers, join(work, "image.tar"));
    const runtime = await unpackPackages(places, runtimePackages, say);
    await ctr(layout, runtime, ["images", "import", join(work, "image.tar")]);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, described.digest);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
