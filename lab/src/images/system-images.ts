// Builds the images that the lab's Kubernetes needs before it can run this project's images. Their content comes from
// Debian packages, the npm package `node` and the lab's Go programs.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unpackPackages, type PackageSet } from "../../../testkit/programs/debian.ts";
import { binDir, type Places } from "../../../testkit/programs/places.ts";
import { run } from "../../../testkit/run.ts";
import { describeImage, layerOf, skeleton, writeImage } from "./archive.ts";

const nodePackages: PackageSet = {
  name: "node-base",
  packages: ["libc6", "libgcc-s1", "libstdc++6", "libatomic1", "ca-certificates", "tzdata", "netbase"],
};
const redisPackages: PackageSet = {
  name: "redis",
  packages:
    "libc6 libgcc-s1 libstdc++6 libatomic1 liblzf1 libjemalloc2 libsystemd0 libssl3 libcap2 libgcrypt20 liblzma5 libzstd1 liblz4-1 libgpg-error0 redis-server redis-tools".split(
      " ",
    ),
};

export interface SystemImage {
  name: string;
  /** A text that identifies the versions of the image's content. When it changes, the image is built again. */
  source(places: Places): string;
  user: string;
  entrypoint: readonly string[];
  workdir: string;
  env?: Readonly<Record<string, string>>;
  fill(root: string, places: Places, say: (line: string) => void): Promise<void>;
}

const fromBinary = (program: string, name: string): SystemImage => ({
  name,
  source: (places) => versionOf(join(binDir(places), program)),
  user: "65532:65532",
  entrypoint: [`/${program}`],
  workdir: "/",
  async fill(root, places) {
    mkdirSync(join(root, "tmp"), { recursive: true });
    mkdirSync(join(root, "etc"), { recursive: true });
    await run("chmod", ["1777", join(root, "tmp")]);
    copyFileSync(join(binDir(places), program), join(root, program));
  },
});

export const systemImages: readonly SystemImage[] = [
  { ...fromBinary("pause", "lab.local/pause:1"), user: "65535:65535" },
  fromBinary("coredns", "lab.local/coredns:1"),
  fromBinary("traefik", "lab.local/traefik:3"),
  {
    name: "lab.local/node:24",
    source: () => `${versionOf(nodeBinary())} ${nodePackages.packages.join(" ")}`,
    user: "65532:65532",
    entrypoint: ["/usr/local/bin/node"],
    workdir: "/app",
    env: { NODE_ENV: "production" },
    async fill(root, places, say) {
      await debianRoot(root, await unpackPackages(places, nodePackages, say));
      // Write the bundle of CA certificates. The install script of the Debian package would do this, but the lab only
      // unpacks packages.
      const authorities = join(root, "usr/share/ca-certificates/mozilla");
      mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
      const bundle = readdirSync(authorities)
        .sort()
        .map((file) => readFileSync(join(authorities, file), "utf8"));
      writeFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), bundle.join(""));
      mkdirSync(join(root, "usr/local/bin"), { recursive: true });
      copyFileSync(nodeBinary(), join(root, "usr/local/bin/node"));
    },
  },
  {
    name: "lab.local/redis:7",
    source: () => redisPackages.packages.join(" "),
    user: "65532:65532",
    entrypoint: ["/usr/bin/redis-server"],
    workdir: "/data",
    async fill(root, places, say) {
      await debianRoot(root, await unpackPackages(places, redisPackages, say));
      for (const path of ["etc/redis", "etc/init.d", "usr/lib/systemd"])
        rmSync(join(root, path), { recursive: true, force: true });
    },
  },
];

/**
 * Builds the archives of images that are missing in the cache or outdated. Returns all archives in the order of
 * systemImages.
 */
export async function systemImageArchives(
  places: Places,
  say: (line: string) => void,
): Promise<{ name: string; file: string; layer: string; stamp: string }[]> {
  const folder = join(places.cache, "images");
  mkdirSync(folder, { recursive: true });
  const archives = [];
  for (const image of systemImages) {
    const base = join(folder, image.name.replaceAll(/[^a-z0-9.]+/g, "-"));
    const [file, layer, stampFile] = [`${base}.tar`, `${base}.layer.tar`, `${base}.stamp`];
    const stamp = createHash("sha256")
      .update(`${image.source(places)} ${JSON.stringify([image.user, image.entrypoint, image.env])}`)
      .digest("hex");
    if (!existsSync(file) || !existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
      say(`making image ${image.name} (2 s)`);
      const root = mkdtempSync(join(tmpdir(), "lab-rootfs-"));
      try {
        await image.fill(root, places, say);
        await layerOf(root, layer);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
      const { name, user, entrypoint, workdir, env = {} } = image;
      await writeImage(await describeImage({ name, user, entrypoint, workdir, env }, [layer]), [layer], file);
      writeFileSync(stampFile, stamp);
    }
    archives.push({ name: image.name, file, layer, stamp });
  }
  return archives;
}

/** Fills a root file system with the files of unpacked Debian packages, without documentation and locales. */
async function debianRoot(root: string, packages: string): Promise<void> {
  await skeleton(root);
  await run("cp", ["-a", "--no-target-directory", "--remove-destination", join(packages, "usr"), join(root, "usr")]);
  if (existsSync(join(packages, "etc"))) await run("cp", ["-an", join(packages, "etc/."), join(root, "etc")]);
  const unused = [
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/bug",
    "usr/lib/x86_64-linux-gnu/gconv",
  ];
  for (const path of unused) rmSync(join(root, path), { recursive: true, force: true });
}

/** Path of the Node program in the npm package `node`. The Node that runs this process may have another version. */
function nodeBinary(): string {
  return join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin/node");
}

function versionOf(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${file} ${size} ${mtimeMs}`;
}
