import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Paths of PEM files. */
export interface Certificate {
  ca: string;
  cert: string;
  key: string;
}

/** A certificate authority for one test. All its files are in a temporary folder. */
export interface TestAuthority {
  /** Path of the file with the authority's certificate. */
  ca: string;
  folder: string;
  /**
   * Creates a certificate for names such as `DNS:localhost`. A second call with the same file name replaces the first
   * certificate.
   */
  issue(file: string, names: string): Promise<Certificate>;
  remove(): void;
}

const run = promisify(execFile);
const NEW_KEY = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

/** Creates a certificate authority with the program openssl. `make deps` checks that openssl is installed. */
export async function testAuthority(): Promise<TestAuthority> {
  const folder = mkdtempSync(join(tmpdir(), "realtime-certificates-"));
  const ca = join(folder, "ca.crt");
  const caKey = join(folder, "ca.key");
  await run("openssl", [...NEW_KEY, "-keyout", caKey, "-out", ca, "-subj", "/CN=an authority for tests"]);
  return {
    ca,
    folder,
    async issue(file, names) {
      const [cert, key] = [join(folder, `${file}.crt`), join(folder, `${file}.key`)];
      const subject = ["-subj", `/CN=${file}`, "-addext", `subjectAltName=${names}`];
      await run("openssl", [...NEW_KEY, "-CA", ca, "-CAkey", caKey, "-keyout", key, "-out", cert, ...subject]);
      return { ca, cert, key };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
