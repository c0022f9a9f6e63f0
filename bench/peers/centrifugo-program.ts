import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { goEnv } from "../../testkit/programs/go-toolchain.ts";
import { binDir, placesOf } from "../../testkit/programs/places.ts";
import { run } from "../../testkit/run.ts";

const MODULE = "github.com/centrifugal/centrifugo/v6";
const VERSION = "v6.9.1";

/**
 * Returns the path of the Centrifugo program. If it is not in the cache of the lab's programs, builds it from the Go
 * module proxy. Go uses the versions of all packages that Centrifugo's go.mod names.
 */
export async function centrifugoProgram(say: (line: string) => void): Promise<string> {
  const program = join(binDir(placesOf(process.env)), `centrifugo-${VERSION}`);
  if (existsSync(program)) return program;
  const env = await goEnv();
  const folder = `${program}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  say(`building Centrifugo ${VERSION} from the Go module proxy (3 to 10 min)`);
  try {
    await run("go", ["install", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", `${MODULE}@${VERSION}`], {
      cwd: "/",
      env: { ...env, GOBIN: folder },
    });
    renameSync(join(folder, "centrifugo"), program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return program;
}
