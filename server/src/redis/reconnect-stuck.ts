import { Cluster, type Redis } from "ioredis";

/** In these statuses, ioredis has no timer that would connect the client again. Usually they last for a moment. */
const STUCK = ["disconnecting", "close", "end"] as const;
/** Longer than the 2 s within which ioredis ends the connection to each node of a Redis Cluster. */
const STUCK_AFTER_MS = 3000;

/**
 * Connects the client again when it stays without a connection and nobody has closed it. ioredis does not do this when
 * the client disconnects while it connects, when a node of a Redis Cluster ends late, or when a redirected command adds
 * a node while the client disconnects.
 */
export function reconnectStuck(client: Redis | Cluster): void {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const disconnect = client.disconnect.bind(client);
  client.disconnect = (reconnect = false) => {
    isClosed ||= !reconnect;
    disconnect(reconnect);
  };
  const check = (): void => {
    if (isClosed || !STUCK.some((status) => status === client.status)) return;
    // The node that was added is never connected, so it never ends by itself.
    if (client.status === "disconnecting" && hasNodes(client)) client.disconnect(true);
    else client.connect().catch(() => undefined);
  };
  for (const status of STUCK)
    client.on(status, () => {
      clearTimeout(timer);
      timer = setTimeout(check, STUCK_AFTER_MS).unref();
    });
}

function hasNodes(client: Redis | Cluster): boolean {
  return client instanceof Cluster && client.nodes().length > 0;
}
