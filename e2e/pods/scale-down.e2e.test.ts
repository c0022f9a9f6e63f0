// Tests which gateway pod is removed when the number of replicas shrinks, and what happens to its connections.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";
import { untilRoutedToAll } from "../support/gateway-metrics.ts";
import { startPodHistory, type PodHistory } from "../support/pod-history.ts";
import { connectSeated, untilCounted } from "../support/seated-clients.ts";

const COST = "controller.kubernetes.io/pod-deletion-cost";
let fleet: Fleet;
let history: PodHistory;
/** The names of the three gateway pods. By default, Kubernetes would remove the youngest one. */
let [first, second, youngest] = ["", "", ""];
let seated: Record<string, Client[]> = {};
beforeAll(async () => {
  fleet = await startFleet("scale-down", {
    drain: { connectionsPerSecond: 1, timeoutSeconds: 60 },
    limits: { maxConnectionsPerAddress: 10_000 },
  });
  const [one, other] = (await fleet.gateways()).map(({ metadata }) => metadata.name);
  await scale(3);
  const newest = (await fleet.gateways()).find(({ metadata }) => ![one, other].includes(metadata.name));
  [first, second, youngest] = [one ?? "", other ?? "", newest?.metadata.name ?? ""];
  await untilRoutedToAll(fleet);
  history = await startPodHistory(fleet);
  seated = await connectSeated(fleet, { [first]: 8, [second]: 5, [youngest]: 7 });
}, 300_000);
afterAll(async () => {
  Object.values(seated)
    .flat()
    .forEach((client) => client.close());
  history.stop();
  await fleet.remove();
});

async function scale(replicas: number): Promise<void> {
  await fleet.kubectl(["scale", `rtc/${fleet.name}`, `--replicas=${replicas}`]);
  await until(
    `${replicas} gateways, all ready, and none being deleted`,
    async () => {
      const pods = await fleet.list(
        "pods",
        `app.kubernetes.io/component=server,app.kubernetes.io/instance=${fleet.name}`,
      );
      return (
        pods.length === replicas &&
        pods.every(
          ({ metadata, status }) =>
            metadata.deletionTimestamp === undefined && status?.containerStatuses?.[0]?.ready === true,
        )
      );
    },
    120_000,
    250,
  );
}

/**
 * Edits a live field and waits until every gateway applies it. By then, the operator has also read the gateways'
 * connection counts.
 */
const editLimits = (maxRoomsPerUser: number) => fleet.patchLive({ limits: { maxRoomsPerUser } });

const costs = async () =>
  Object.fromEntries((await fleet.gateways()).map(({ metadata }) => [metadata.name, metadata.annotations?.[COST]]));
/** All values that the pod's annotation for the deletion cost has had, oldest first. */
const costsEver = (pod: string) => [
  ...new Set(history.of(pod).flatMap(({ metadata }) => metadata.annotations?.[COST] ?? [])),
];

/**
 * Reduces the replicas. Returns the order in which clients of the removed pod `leaving` were disconnected ("gone") and
 * connected again ("back").
 */
async function shrink(replicas: number, leaving: string): Promise<string[]> {
  const order: string[] = [];
  for (const { socket } of seated[leaving] ?? []) {
    socket.on("disconnect", () => order.push("gone"));
    socket.on("connect", () => order.push("back"));
  }
  await scale(replicas);
  await until("the watch to know that the pod is gone", async () => history.isGone(leaving), 20_000);
  await until(
    "the removed pod's clients to be connected again",
    async () => seated[leaving]?.every(({ socket }) => socket.connected) === true,
    60_000,
  );
  return order;
}

test("writes no deletion cost when the fleet grows or is edited", async () => {
  await editLimits(40);
  expect(await costs()).toEqual({ [first]: undefined, [second]: undefined, [youngest]: undefined });
  expect([first, second, youngest].flatMap(costsEver)).toEqual([]);
}, 90_000);

test("removes the emptiest of three gateways, whose clients are warned and reconnect one by one", async () => {
  const order = await shrink(2, second);
  expect((await fleet.gateways()).map(({ metadata }) => metadata.name).sort()).toEqual([first, youngest].sort());
  // The pod disconnects one client per second. If it disconnected all at once, no client would be back before the last
  // one was gone.
  expect(order.indexOf("back")).toBeLessThan(order.lastIndexOf("gone"));
  for (const { disconnects, seen } of seated[second] ?? []) {
    expect(disconnects).toHaveLength(1);
    expect(disconnects).not.toContain("io server disconnect"); // a stock client does not reconnect after it
    expect(seen.filter(({ event }) => event === "server:draining")).toHaveLength(1);
  }
  for (const { disconnects } of [...(seated[first] ?? []), ...(seated[youngest] ?? [])])
    expect(disconnects).toEqual([]);
}, 240_000);

test("wrote each pod's connections as its cost, once, before a pod was deleted", () => {
  expect([first, second, youngest].map(costsEver)).toEqual([["8"], ["5"], ["7"]]);
  const versions = history.of(second);
  const firstWhere = (is: (pod: KubeView) => boolean) => versions.findIndex(is);
  expect(firstWhere(({ metadata }) => metadata.annotations?.[COST] !== undefined)).toBeLessThan(
    firstWhere(({ metadata }) => metadata.deletionTimestamp !== undefined),
  );
});

test("keeps the costs when only the connections change", async () => {
  const leavers = [...(seated[second] ?? []), ...(seated[first]?.splice(3) ?? [])];
  leavers.forEach((client) => client.close());
  delete seated[second];
  await untilCounted(fleet, seated);
  await editLimits(41);
  expect(await costs()).toEqual({ [first]: "8", [youngest]: "7" });
}, 90_000);

test("removes the emptier of two gateways, whatever cost it had before", async () => {
  await shrink(1, first);
  expect(await costs()).toEqual({ [youngest]: "7" });
  expect([first, youngest].map(costsEver)).toEqual([["8", "3"], ["7"]]);
  for (const { disconnects } of seated[youngest] ?? []) expect(disconnects).toEqual([]);
  for (const { disconnects } of seated[first] ?? []) expect(disconnects).toHaveLength(1);
}, 240_000);
