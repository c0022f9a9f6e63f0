import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient, connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet } from "../../testkit/cluster/fleet.ts";

const LIMIT = 4;
let fleet: Fleet;
let clients: Client[] = [];
beforeAll(async () => {
  fleet = await startFleet("crash", { limits: { maxConnectionsPerUser: LIMIT, maxConnectionsPerAddress: 10_000 } });
}, 240_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await fleet.remove();
});

/**
 * Opens as many connections of one user as maxConnectionsPerUser allows. Undefined if the gateway refuses one of them.
 */
async function everySeat(): Promise<Client[] | undefined> {
  const tries = await Promise.allSettled(
    Array.from({ length: LIMIT }, () =>
      connectClient(fleet, "ada", { options: { reconnection: false, timeout: 3000 } }),
    ),
  );
  const seats = tries.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (seats.length === LIMIT) return seats;
  seats.forEach((seat) => seat.close());
  return undefined;
}

test("counts a user's connections on all pods", async () => {
  clients = await Promise.all(Array.from({ length: LIMIT }, () => connectClient(fleet, "ada")));
  await expect(connectClient(fleet, "ada", { options: { reconnection: false, timeout: 15_000 } })).rejects.toThrow(
    /CONNECTION_LIMIT_EXCEEDED/,
  );
});

test("frees the seats of a pod that dies, and its clients reconnect", async () => {
  const others = await connectMany(fleet, 10, { prefix: "other" });
  const before = (await fleet.gateways()).map(({ metadata }) => metadata.uid);
  await fleet.kubectl([
    "delete",
    "pods",
    "-l",
    `app.kubernetes.io/component=server,app.kubernetes.io/instance=${fleet.name}`,
    "--grace-period=0",
    "--force",
  ]);
  await until(
    "two other gateways to be ready",
    async () => {
      const now = await fleet.gateways();
      return (
        now.length === 2 &&
        now.every(
          ({ metadata, status }) =>
            !before.includes(metadata.uid) && status?.containerStatuses?.every(({ ready }) => ready) === true,
        )
      );
    },
    90_000,
  );
  await until(
    "the other clients to be connected again",
    async () => others.every((client) => client.socket.connected),
    60_000,
  );
  clients.forEach((client) => client.close());
  clients = await until("the user to have every seat again", everySeat, 60_000, 1000);
  others.forEach((client) => client.close());
}, 240_000);
