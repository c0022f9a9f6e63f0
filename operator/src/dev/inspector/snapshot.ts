import type { Traffic } from "./traffic.ts";

const MAX_CONNECTIONS = 200;
const MAX_ROOMS = 200;

/** What the page shows now. */
export function snapshot(traffic: Traffic, gateways: readonly string[]): object {
  const clients = [...traffic.connections].flatMap(({ gateway, transport, sinceMs, sessions }) =>
    [...sessions].map(([namespace, { socketId, user, recovered }]) => ({
      ...{ user, namespace, gateway, transport, sinceMs, recovered },
      rooms: [...traffic.roomsOf(socketId)],
    })),
  );
  const rooms = new Map<string, { room: string; namespace: string; users: string[] }>();
  for (const { namespace, user, rooms: names } of clients)
    for (const room of names) {
      const key = `${namespace} ${room}`;
      const entry = rooms.get(key) ?? { room, namespace, users: [] };
      rooms.set(key, { ...entry, users: [...entry.users, user] });
    }
  return {
    counts: traffic.counts(),
    gateways: gateways.map((name) => ({ name, connections: traffic.count(name) })),
    connections: clients.slice(0, MAX_CONNECTIONS),
    rooms: [...rooms.values()].slice(0, MAX_ROOMS),
    events: traffic.events.all,
    calls: traffic.calls.all,
    refusals: traffic.refusals.all,
  };
}
