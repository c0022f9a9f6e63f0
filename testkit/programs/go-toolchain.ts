import { output } from "../run.ts";

/** Since this version, Go can fetch the toolchain that go.mod names. */
const OLDEST_MINOR = 21;

/** The environment for `go`. It also finds a Go in /usr/local/go that is not in PATH. Throws with what to install. */
export async function goEnv(): Promise<NodeJS.ProcessEnv> {
  const problem = await goProblem();
  if (problem !== undefined) throw new Error(problem);
  return { ...process.env, PATH: searchPath(), CGO_ENABLED: "0" };
}

/** Why Go programs cannot be built with the `go` in this path, or undefined. */
export async function goProblem(path = searchPath()): Promise<string | undefined> {
  const version = await output("/usr/bin/env", [`PATH=${path}`, "go", "version"]);
  const minor = Number(/go1\.(\d+)/.exec(version ?? "")?.[1] ?? 0);
  if (minor >= OLDEST_MINOR) return undefined;
  const found = version === undefined ? "there is none in PATH or /usr/local/go" : `this machine has ${version}`;
  return `the lab's Kubernetes is built with Go >= 1.26 (any from 1.${OLDEST_MINOR} on fetches it by itself), and ${found}: see https://go.dev/dl`;
}

function searchPath(): string {
  return `${process.env["PATH"] ?? ""}:/usr/local/go/bin`;
}
