import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon } from "../../../testkit/daemon.ts";
import { unpackPackages } from "../../../testkit/programs/debian.ts";
import { freePorts } from "../../../testkit/free-ports.ts";
import { isListening } from "../../../testkit/is-listening.ts";
import { placesOf } from "../../../testkit/programs/places.ts";
import { until } from "../../../testkit/until.ts";

export interface ProxyProgram {
  name: "haproxy" | "nginx";
  packages: readonly string[];
  /** The program's path in the folder to which its package was unpacked. */
  path: string;
  args: (configuration: string, folder: string) => string[];
}

export const haproxy: ProxyProgram = {
  name: "haproxy",
  packages: [
    "haproxy",
    "liblua5.3-0",
    "libopentracing-c-wrapper0",
    "libopentracing1",
    "libpcre2-8-0",
    "libssl3",
    "libcrypt1",
  ],
  path: "usr/sbin/haproxy",
  args: (configuration) => ["-db", "-f", configuration],
};

export const nginx: ProxyProgram = {
  name: "nginx",
  packages: ["nginx", "libpcre2-8-0", "libssl3", "zlib1g", "libcrypt1"],
  path: "usr/sbin/nginx",
  args: (configuration, folder) => ["-p", folder, "-e", join(folder, "error.log"), "-c", configuration],
};

export interface Proxy {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a proxy from Debian's packages on a free port. `configurationFor` makes its configuration from this port and
 * from a folder for the proxy's files.
 */
export async function startProxy(
  { name, packages, path, args }: ProxyProgram,
  configurationFor: (at: { port: number; folder: string }) => string,
): Promise<Proxy> {
  const root = await unpackPackages(placesOf(process.env), { name, packages }, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const folder = mkdtempSync(join(tmpdir(), `realtime-${name}-`));
  mkdirSync(join(folder, "tmp"));
  const [port = 0] = await freePorts(1);
  const configuration = join(folder, "configuration");
  writeFileSync(configuration, configurationFor({ port, folder }));
  const triplet = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const libraries = ["usr/lib", "lib"].map((part) => join(root, part, triplet)).join(":");
  const daemon = new Daemon(
    name,
    "env",
    [`LD_LIBRARY_PATH=${libraries}`, join(root, path), ...args(configuration, folder)],
    join(folder, "log"),
  );
  daemon.start();
  await until(`${name} to listen`, async () => daemon.alive() && (await isListening(port)), 30_000);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await daemon.stop("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
