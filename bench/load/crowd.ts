import type { WireClient } from "./wire-client.ts";

/** Opens `count` clients, `atOnce` handshakes at a time. */
export async function openCrowd(
  count: number,
  atOnce: number,
  open: (index: number) => Promise<WireClient>,
): Promise<WireClient[]> {
  const clients: WireClient[] = new Array<WireClient>(count);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      clients[index] = await open(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return clients;
}
