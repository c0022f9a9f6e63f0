import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The project's folders outside the repository. */
export interface Places {
  /** Folder of what takes long to build and can be built again: programs, Debian packages and images. */
  cache: string;
  /** Folder of the running clusters. Each has its own subfolder. */
  state: string;
}

/** Finds the folders. LAB_CACHE and LAB_STATE override the default folders in XDG_CACHE_HOME and XDG_STATE_HOME. */
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
