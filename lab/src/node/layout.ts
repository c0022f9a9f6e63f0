import { join } from "node:path";
import type { Places } from "../../../testkit/programs/places.ts";

/**
 * Addresses, names and folders of one node cluster. Clusters with a different `index`, 0 to 9, can run at the same
 * time.
 */
export interface Layout {
  index: number;
  /** The name of the veth pair's end on the machine. The next lines have the node's end and the addresses of both. */
  link: string;
  machineAddress: string;
  nodeAddress: string;
  podRange: string;
  serviceRange: string;
  apiServiceAddress: string;
  dnsAddress: string;
  nodeName: string;
  cgroup: string;
  /** Folder of all files that the cluster writes. */
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
