import type { LightClient } from "./light-client.ts";

/** Opens `count` clients. At most `atOnce` handshakes run at the same time. */
export async function openCrowd(
  count: number,
  atOnce: number,
  open: (index: number) => Promise<LightClient>,
): Promise<LightClient[]> {
  const clients: LightClient[] = new Array<LightClient>(count);
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
