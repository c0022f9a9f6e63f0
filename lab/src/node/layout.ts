import { join } from "node:path";
import type { Places } from "../../../testkit/programs/places.ts";

/**
 * The addresses, names and folders of one lab cluster. Up to ten clusters can run at the same time, each with another
 * `index` from 0 to 9.
 */
export interface Layout {
  index: number;
  /** A veth pair connects this machine with the node. `link` is the name of this machine's end. */
  link: string;
  machineAddress: string;
  nodeAddress: string;
  podRange: string;
  serviceRange: string;
  apiServiceAddress: string;
  dnsAddress: string;
  nodeName: string;
  cgroup: string;
  /** The folder that contains all files of the cluster. */
  folder: string;
  pki: string;
  logs: string;
  config: string;
  kubeconfig: string;
}

export function layoutOf(places: Places, index: number): Layout {
  if (!Number.isInteger(index) || index < 0 || index > 9)
    throw new Error(`LAB_INDEX must be a whole number from 0 to 9, and is ${index}`);
  const folder = join(places.state, `node-${index}`);
  for (const hidden of ["/run/", "/var/lib/", "/var/log/", "/var/run/"]) {
    const found = [places.cache, places.state].find((place) => `${place}/`.startsWith(hidden));
    if (found !== undefined)
      throw new Error(
        `${found} is below ${hidden}, and the node has its own folder of that name: set LAB_CACHE and LAB_STATE to folders elsewhere`,
      );
  }
  return {
    index,
    link: `rtlab${index}`,
    machineAddress: `10.210.${index}.1`,
    nodeAddress: `10.210.${index}.2`,
    podRange: `10.211.${index}.0/24`,
    serviceRange: `10.212.${index}.0/24`,
    apiServiceAddress: `10.212.${index}.1`,
    dnsAddress: `10.212.${index}.10`,
    nodeName: `lab${index}`,
    cgroup: `realtime-lab-${index}`,
    folder,
    pki: join(folder, "pki"),
    logs: join(folder, "logs"),
    config: join(folder, "config"),
    kubeconfig: join(folder, "admin.kubeconfig"),
  };
}
