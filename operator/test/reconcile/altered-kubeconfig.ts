import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "./world.ts";

interface Kubeconfig {
  clusters: [{ cluster: { server: string } }];
  users: [{ user: object }];
}

/** Writes copies of the administrator's kubeconfig in which the server or the user is replaced. */
export function alteredKubeconfigs(world: () => World) {
  const folder = mkdtempSync(join(tmpdir(), "realtime-operator-"));
  return {
    with(name: string, { server, user }: { server?: string; user?: object }): string {
      const config = JSON.parse(readFileSync(world().plane.kubeconfig, "utf8")) as Kubeconfig;
      if (server !== undefined) config.clusters[0].cluster.server = server;
      if (user !== undefined) config.users[0].user = user;
      const path = join(folder, `${name}.kubeconfig`);
      writeFileSync(path, JSON.stringify(config));
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
