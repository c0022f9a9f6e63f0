// Measures how fast an edit of spec.limits reaches gateways with connected clients. The time starts when the API server
// answers the edit. It ends when the operator reports that every gateway applies it. Then the benchmark asks each
// gateway whether it really does.
import { until } from "../../testkit/until.ts";
import { realtimeClusters, type RealtimeCluster } from "../../operator/src/api/realtime-cluster.ts";
import { adminTokenHeader } from "../../operator/src/gateways/gateway-client.ts";
import { adminTokenOf } from "../../operator/src/gateways/gateway-proxy.ts";
import { systemClock } from "../../operator/src/kube/system-clock.ts";
import { connect } from "../../operator/src/kube/http/connect.ts";
import type { Kube } from "../../operator/src/kube/kube.ts";
import { ListWatch } from "../../operator/src/kube/list-watch/list-watch.ts";
import { ports } from "../../operator/src/manifests/shared/names.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";
import { connectMany } from "../../testkit/cluster/clients.ts";
import { startFleet, type Fleet } from "../../testkit/cluster/fleet.ts";
import { say, spread, type Figure } from "./figures.ts";
import { reads, requestsOf, writes, type Requests } from "./requests.ts";

const CLIENTS = 100;

/** Makes `edits` edits, one after another: first with two gateways, then with six. */
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

interface Measured {
  times: number[];
  perEdit: string;
}

async function measure(fleet: Fleet, edits: number): Promise<Measured> {
  const { kube, pods } = connect({ kubeconfig: fleet.state.kubeconfig });
  const stop = new AbortController();
  const { inForceAtMs, watching } = watchApplied(kube, fleet, stop.signal);
  const token = await adminTokenOf({ kube, signal: stop.signal }, fleet.namespace, fleet.name);
  const gateways = (await fleet.gateways()).map(({ metadata }) => metadata.name);
  const before = await operatorRequests(fleet);
  const times: number[] = [];
  const lowest = 100 + Math.trunc(Math.random() * 1000);
  for (let index = 0; index < edits; index++) {
    const maxRoomsPerUser = lowest + index;
    const patch = { spec: { limits: { maxRoomsPerUser } } };
    const { metadata } = await kube.mergePatch(realtimeClusters, fleet, patch);
    const { generation = 0 } = metadata;
    const answeredAtMs = performance.now();
    await until("every gateway to apply the edit", async () => inForceAtMs.has(generation), 30_000, 1);
    times.push(inForceAtMs.get(generation)! - answeredAtMs);
    const hashes = await Promise.all(gateways.map((name) => hashOf(name, maxRoomsPerUser)));
    if (new Set(hashes).size !== 1) throw new Error(`gateways have different limits in force: ${hashes.join(" ")}`);
  }
  const after = await operatorRequests(fleet);
  stop.abort();
  await watching;
  const perEdit = [writes(before, after), reads(before, after)].map((requests) => (requests / edits).toFixed(1));
  return { times, perEdit: perEdit.join(" and ") };

  /** The hash of the limits that this gateway has applied. Throws when the gateway has not applied the edit yet. */
  async function hashOf(name: string, maxRoomsPerUser: number): Promise<string> {
    const { status, text } = await pods.ask(
      { namespace: fleet.namespace, name, port: ports.private },
      { method: "GET", path: "/config", headers: { [adminTokenHeader]: token } },
    );
    const { hash, limits } = JSON.parse(text) as { hash: string; limits?: { maxRoomsPerUser: number } };
    if (limits?.maxRoomsPerUser !== maxRoomsPerUser)
      throw new Error(`${name} was reported to have maxRoomsPerUser ${maxRoomsPerUser} and answered ${status} ${text}`);
    return hash;
  }
}

/** Records, for each generation of the spec, when the condition LimitsApplied became True. */
function watchApplied(kube: Kube, fleet: Fleet, signal: AbortSignal) {
  const inForceAtMs = new Map<number, number>();
  const watch = new ListWatch({
    kube,
    resource: realtimeClusters,
    namespace: fleet.namespace,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    clock: systemClock,
    random: Math.random,
    onChange({ object }) {
      const { metadata, status } = object as RealtimeCluster;
      const applied = status?.conditions?.find(({ type }) => type === "LimitsApplied");
      const generation = applied?.observedGeneration ?? 0;
      if (metadata.name === fleet.name && applied?.status === "True" && !inForceAtMs.has(generation))
        inForceAtMs.set(generation, performance.now());
    },
  });
  return { inForceAtMs, watching: watch.run(signal) };
}

/** The requests of all operator replicas together, because any of them can be the leader. */
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
