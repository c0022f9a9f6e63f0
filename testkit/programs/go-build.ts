import { join } from "node:path";
import { goEnv } from "./go-toolchain.ts";
import { run } from "../run.ts";

const goModule = join(import.meta.dirname, "go");
// Do not generate debug information, because "-s -w" removes it anyway. This saves a fifth of the compile time.
const compilation = ["-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"];
const PROGRESS_EVERY_MS = 15_000;

/** Builds these packages of the Go module into a folder. Reports the progress every 15 s. */
export async function goBuild(
  packages: readonly string[],
  ldflags: string,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const env = await goEnv();
  const total = await countStale(packages, env, say);
  const began = Date.now();
  const passed = () => Math.round((Date.now() - began) / 1000);
  let compiled = 0;
  await telling(
    () =>
      say(
        `  ${compiled} of ${total} packages compiled in ${passed()} s${compiled < 50 ? "" : `, about ${Math.round((passed() / compiled) * Math.max(0, total - compiled))} s left`}`,
      ),
    // With -v, go prints the name of each package to standard error when it starts to compile it.
    () =>
      run("go", ["build", "-v", ...compilation, "-ldflags", ldflags, "-o", `${folder}/`, ...packages], {
        cwd: goModule,
        env,
        onErrorLine: () => (compiled += 1),
      }),
  );
  say(`  built in ${passed()} s`);
}

/** Downloads the Go modules, in at most three attempts. Returns how many packages must be compiled. */
async function countStale(
  packages: readonly string[],
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<number> {
  let downloads = 0;
  const onErrorLine = (line: string) => {
    if (line.startsWith("go: downloading ")) downloads += 1;
  };
  const list = () =>
    run("go", ["list", "-deps", ...compilation, "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", ...packages], {
      cwd: goModule,
      env,
      onErrorLine,
    });
  for (let attempt = 1; ; attempt++) {
    try {
      const stale = await telling(() => say(`  ${downloads} modules downloaded`), list);
      return stale.split("\n").filter((line) => line !== "").length;
    } catch (error) {
      if (attempt === 3) throw error;
      say(
        `  not all modules could be downloaded (attempt ${attempt} of 3): ${(error as Error).message.split("\n").at(-1) ?? ""}`,
      );
    }
  }
}

async function telling<T>(tell: () => void, work: () => Promise<T>): Promise<T> {
  const ticker = setInterval(tell, PROGRESS_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
  }
}
