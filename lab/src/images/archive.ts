import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
  copyFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "../../../testkit/run.ts";

export interface ImageConfig {
  name: string;
  user: string;
  entrypoint: readonly string[];
  env: Readonly<Record<string, string>>;
  workdir: string;
}

const reproducible = ["--sort=name", "--numeric-owner", "--owner=0", "--group=0", "--mtime=@0", "--format=gnu"];

/** Writes a folder's content as one uncompressed image layer. Equal content gives equal bytes. */
export async function layerOf(folder: string, file: string): Promise<void> {
  await run("tar", [...reproducible, "-C", folder, "-cf", file, "."]);
}

export interface ImageDescription {
  name: string;
  /** The image's configuration as JSON text, exactly as in the archive. */
  text: string;
  /** The sha256 digest of each layer, lowest layer first. */
  layers: readonly string[];
  /** A digest of the configuration (which lists the layers) and the name. */
  digest: string;
}

export async function describeImage(config: ImageConfig, layers: readonly string[]): Promise<ImageDescription> {
  const digests = await Promise.all(layers.map(sha256));
  const text = JSON.stringify({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      User: config.user,
      Entrypoint: config.entrypoint,
      Env: Object.entries({ PATH: "/usr/local/bin:/usr/bin:/bin", ...config.env }).map(
        ([name, value]) => `${name}=${value}`,
      ),
      WorkingDir: config.workdir,
    },
    rootfs: { type: "layers", diff_ids: digests.map((digest) => `sha256:${digest}`) },
    history: layers.map(() => ({ created: "1970-01-01T00:00:00Z" })),
  });
  return {
    name: config.name,
    text,
    layers: digests,
    digest: createHash("sha256").update(text).update(config.name).digest("hex"),
  };
}

/**
 * Writes an image as a docker-archive, which `ctr images import` accepts. `layers` are the files of the image's layers.
 */
export async function writeImage(image: ImageDescription, layers: readonly string[], file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lab-image-"));
  try {
    const names = image.layers.map((digest) => `${digest}.tar`);
    layers.forEach((layer, index) => linkOrCopy(layer, join(folder, names[index] ?? "")));
    writeFileSync(join(folder, "config.json"), image.text);
    writeFileSync(
      join(folder, "manifest.json"),
      JSON.stringify([{ Config: "config.json", RepoTags: [image.name], Layers: names }]),
    );
    await run("tar", [...reproducible, "-C", folder, "-cf", file, "manifest.json", "config.json", ...new Set(names)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function linkOrCopy(from: string, to: string): void {
  if (existsSync(to)) return;
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // a hard link cannot cross file systems
  }
}

/**
 * Creates the folders, users and name-service settings that every image needs. As in Debian today, /bin and /lib are
 * links into /usr.
 */
export async function skeleton(root: string): Promise<void> {
  for (const folder of [
    "usr/bin",
    "usr/sbin",
    "usr/lib",
    "usr/lib64",
    "etc",
    "tmp",
    "proc",
    "sys",
    "dev",
    "run",
    "app",
    "data",
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  await run("chmod", ["1777", join(root, "tmp")]);
  for (const folder of ["bin", "sbin", "lib", "lib64"]) await run("ln", ["-sfn", `usr/${folder}`, join(root, folder)]);
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/app:/sbin/nologin\n",
  );
  writeFileSync(join(root, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
}
