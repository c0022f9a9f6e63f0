import { output } from "../run.ts";

/** From Go 1.21 on, `go` itself downloads the newer Go version that go.mod asks for. */
const OLDEST_MINOR = 21;

/**
 * The environment in which to run `go`. Its PATH also contains /usr/local/go. Throws an error that says what to install
 * if there is no usable Go.
 */
export async function goEnv(): Promise<NodeJS.ProcessEnv> {
  const problem = await goProblem();
  if (problem !== undefined) throw new Error(problem);
  return { ...process.env, PATH: searchPath(), CGO_ENABLED: "0" };
}

/** Says why Go programs cannot be built with the `go` that this PATH finds. Undefined when they can be built. */
export async function goProblem(path = searchPath()): Promise<string | undefined> {
  const version = await output("/usr/bin/env", [`PATH=${path}`, "go", "version"]);
  const minor = Number(/go1\.(\d+)/.exec(version ?? "")?.[1] ?? 0);
  if (minor >= OLDEST_MINOR) return undefined;
  const found = version === undefined ? "there is none in PATH or /usr/local/go" : `this machine has ${version}`;
  return `this needs Go >= 1.26 (any from 1.${OLDEST_MINOR} on fetches it by itself), and ${found}: see https://go.dev/dl`;
}

function searchPath(): string {
  return `${process.env["PATH"] ?? ""}:/usr/local/go/bin`;
}
