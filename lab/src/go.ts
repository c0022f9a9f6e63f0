import { output } from "./run.ts";

/** Older ones cannot fetch the toolchain that go.mod names, newer ones do it by themselves. */
const OLDEST_MINOR = 21;

/** The environment for `go`, which may lie in /usr/local/go without being in PATH. Throws with what to install. */
export async function goEnv(): Promise<NodeJS.ProcessEnv> {
  const problem = await goProblem();
  if (problem !== undefined) throw new Error(problem);
  return { ...process.env, PATH: pathWithGo(), CGO_ENABLED: "0" };
}

/** Why this machine cannot build Go programs, or undefined. */
export async function goProblem(): Promise<string | undefined> {
  const version = await output("env", [`PATH=${pathWithGo()}`, "go", "version"]);
  const minor = Number(/go1\.(\d+)/.exec(version ?? "")?.[1] ?? 0);
  if (minor >= OLDEST_MINOR) return undefined;
  const found = version === undefined ? "there is none in PATH or /usr/local/go" : `this machine has ${version}`;
  return `the lab's Kubernetes is built with Go >= 1.26 (from 1.${OLDEST_MINOR} on, Go fetches it), and ${found}: see https://go.dev/dl`;
}

function pathWithGo(): string {
  return `${process.env["PATH"] ?? ""}:/usr/local/go/bin`;
}
