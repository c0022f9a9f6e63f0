import { connectClient, type Client } from "../../testkit/cluster/clients.ts";
import { until, type Fleet } from "../../testkit/cluster/fleet.ts";
import { connectionsByPod } from "./gateway-metrics.ts";

/**
 * Connects clients through the ingress, one after another, until each pod has the wanted number. The pod of a new
 * client is the one whose connection count rises. If this pod already has enough clients, the new client leaves again.
 * No other clients may connect in this time, because they would change the counts.
 */
export async function connectSeated(
  fleet: Fleet,
  wanted: Readonly<Record<string, number>>,
): Promise<Record<string, Client[]>> {
  const seated: Record<string, Client[]> = Object.fromEntries(Object.keys(wanted).map((pod) => [pod, []]));
  const isWanting = (pod: string) => (seated[pod]?.length ?? 0) < (wanted[pod] ?? 0);
  for (let index = 0; Object.keys(wanted).some(isWanting); index++) {
    if (index > 500)
      throw new Error(`the ingress does not route to ${Object.keys(wanted).filter(isWanting).join(" and ")}`);
    const client = await connectClient(fleet, `seated-${index}`);
    const pod = await until(
      "the newest client to be counted",
      async () => {
        const counts = await connectionsByPod(fleet);
        return Object.keys(wanted).find((name) => (counts[name] ?? 0) > (seated[name]?.length ?? 0));
      },
      10_000,
    );
    if (isWanting(pod)) seated[pod]?.push(client);
    else client.close();
    await untilCounted(fleet, seated);
  }
  return seated;
}

/** Waits until the connection count of each pod equals its number of clients. */
export async function untilCounted(fleet: Fleet, seated: Readonly<Record<string, readonly Client[]>>): Promise<void> {
  await until(
    "the pods to count their clients",
    async () => {
      const counts = await connectionsByPod(fleet);
      return Object.entries(seated).every(([pod, clients]) => counts[pod] === clients.length);
    },
    10_000,
  );
}
