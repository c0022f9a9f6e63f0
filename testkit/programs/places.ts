import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Folders for built programs and running clusters, outside the repository. */
export interface Places {
  /** Results that take long to build, and can be built again: binaries, packages, images. */
  cache: string;
  /** Running clusters, one folder each. */
  state: string;
}

/** The folders. LAB_CACHE and LAB_STATE override the XDG folders. */
export function placesOf(env: NodeJS.ProcessEnv): Places {
  return {
    cache: resolve(
      env["LAB_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "realtime-operator/lab"),
    ),
    state: resolve(
      env["LAB_STATE"] ?? join(env["XDG_STATE_HOME"] ?? join(homedir(), ".local/state"), "realtime-operator/lab"),
    ),
  };
}

export function binDir(places: Places): string {
  return join(places.cache, "bin");
}
