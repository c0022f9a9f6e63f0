// Edits of spec.limits while clients are connected, on a cluster whose gateways run: from the API server's answer until the operator
// says that every gateway has them in force. Each gateway is asked itself then.
import { until } from "../../testkit/until.ts";
import { realtimeClusters, type RealtimeCluster } from "../../operator/src/api/realtime-cluster.ts";
import { adminTokenHeader } from "../../operator/src/gateways/gateway-client.ts";
import { adminTokenOf } from "../../operator/src/gateways/gateway-proxy.ts";
import { systemClock } from "../../operator/src/kube/system-clock.ts";
import { connect } from "../../operator/src/kube/http/connect.ts";
import { ListWatch } from "../../operator/src/kube/list-watch/list-watch.ts";
import { ports } from "../../operator/src/manifests/shared/names.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";
import { connectMany } from "../../testkit/cluster/clients.ts";
import { startFleet, type Fleet } from "../../testkit/cluster/fleet.ts";
import { say, spread, type Figure } from "./figures.ts";
import { reads, requestsOf, writes, type Requests } from "./requests.ts";

const CLIENTS = 100;

/** For two gateways and for six, so many edits one after another. */
export async function liveEdits(edits: number, figure: Figure): Promise<void> {
  const fleet = await startFleet("live-edits", {
    limits: { maxConnectionsPerAddress: 10_000 },
    drain: { timeoutSeconds: 5 },
  });
  try {
    say(`connecting ${CLIENTS} clients`);
    const clients = await connectMany(fleet, CLIENTS);
    for (const replicas of [2, 6]) {
      await fleet.patch({ spec: { replicas } });
      await until(
        `${replicas} gateways`,
        async () => (await fleet.waitReady(), (await fleet.gateways()).length === replicas),
        120_000,
      );
      const { times, perEdit } = await measure(fleet, edits);
      figure(
        `an edit of spec.limits until each of ${replicas} gateways has it in force, ${edits} edits with ${CLIENTS} clients connected`,
        spread(times),
      );
      figure(`the operator's writes and reads for each of them, ${replicas} gateways`, perEdit);
    }
    figure(
      "clients disconnected by all of it",
      String(clients.reduce((sum, { disconnects }) => sum + disconnects.length, 0)),
    );
    clients.forEach((client) => client.close());
  } finally {
    await fleet.remove();
  }
}

async function measure(fleet: Fleet, edits: number): Promise<{ times: number[]; perEdit: string }> {
  const { kube, pods } = connect({ kubeconfig: fleet.state.kubeconfig });
  const stop = new AbortController();
  const inForceAt = new Map<number, number>();
  const onChange = ({ object }: { object: object }) => {
    const { metadata, status } = object as RealtimeCluster;
    const applied = status?.conditions?.find(({ type }) => type === "LimitsApplied");
    const generation = applied?.observedGeneration ?? 0;
    if (metadata.name === fleet.name && applied?.status === "True" && !inForceAt.has(generation))
      inForceAt.set(generation, performance.now());
  };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const watch = new ListWatch({
    kube,
    resource: realtimeClusters,
    namespace: fleet.namespace,
    logger: log,
    clock: systemClock,
    random: Math.random,
    onChange,
  });
  const watching = watch.run(stop.signal);
  const token = await adminTokenOf({ kube, signal: stop.signal }, fleet.namespace, fleet.name);
  const gateways = (await fleet.gateways()).map(({ metadata }) => metadata.name);
  const before = await operatorRequests(fleet);
  const times: number[] = [];
  const lowest = 100 + Math.trunc(Math.random() * 1000);
  for (let index = 0; index < edits; index++) {
    const maxRoomsPerUser = lowest + index;
    const { metadata } = await kube.mergePatch(
      realtimeClusters,
      { namespace: fleet.namespace, name: fleet.name },
      {
        spec: { limits: { maxRoomsPerUser } },
      },
    );
    const { generation = 0 } = metadata;
    const answeredAt = performance.now();
    await until("every gateway to have the edit", async () => inForceAt.has(generation), 30_000, 1);
    times.push(inForceAt.get(generation)! - answeredAt);
    const hashes = await Promise.all(gateways.map((name) => hashOf(name, maxRoomsPerUser)));
    if (new Set(hashes).size !== 1) throw new Error(`gateways have different limits in force: ${hashes.join(" ")}`);
  }
  const after = await operatorRequests(fleet);
  stop.abort();
  await watching;
  return {
    times,
    perEdit: `${(writes(before, after) / edits).toFixed(1)} and ${(reads(before, after) / edits).toFixed(1)}`,
  };

  /** What the gateway itself says. Throws when the operator spoke too soon. */
  async function hashOf(name: string, maxRoomsPerUser: number): Promise<string> {
    const { status, text } = await pods.ask(
      { namespace: fleet.namespace, name, port: ports.private },
      { method: "GET", path: "/config", headers: { [adminTokenHeader]: token } },
    );
    const { hash, limits } = JSON.parse(text) as { hash: string; limits?: { maxRoomsPerUser: number } };
    if (limits?.maxRoomsPerUser !== maxRoomsPerUser)
      throw new Error(
        `${name} answered ${status} ${text} and was said to have maxRoomsPerUser ${maxRoomsPerUser} in force`,
      );
    return hash;
  }
}

/** Of all operators of the release: one of them acts. */
async function operatorRequests(fleet: Fleet): Promise<Requests> {
  const { pods } = connect({ kubeconfig: fleet.state.kubeconfig });
  const names = (
    await fleet.kubectl([
      "--namespace",
      OPERATOR_NAMESPACE,
      "get",
      "pods",
      "-l",
      "app.kubernetes.io/name=realtime-operator",
      "-o",
      "jsonpath={.items[*].metadata.name}",
    ])
  ).split(" ");
  const texts = await Promise.all(
    names.map((name) =>
      pods.ask({ namespace: OPERATOR_NAMESPACE, name, port: 8080 }, { method: "GET", path: "/metrics" }),
    ),
  );
  return requestsOf(texts.map(({ text }) => text).join("\n"));
}
