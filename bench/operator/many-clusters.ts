// The operator with many clusters on a real kube-apiserver, etcd and controller-manager, without a kubelet: pods stay pending, which is
// the state in which other operators talk the most.
import { execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { startControlPlane } from "../../testkit/control-plane/control-plane.ts";
import { until } from "../../testkit/until.ts";
import { realtimeClusters } from "../../operator/src/api/realtime-cluster.ts";
import { resources } from "../../operator/src/api/resources.ts";
import { systemClock } from "../../operator/src/kube/system-clock.ts";
import { connect } from "../../operator/src/kube/http/connect.ts";
import { ListWatch } from "../../operator/src/kube/list-watch/list-watch.ts";
import { say, spread, type Figure } from "./figures.ts";
import { OperatorProcess } from "./operator-process.ts";
import { reads, writes } from "./requests.ts";

const NAMESPACES = 10;
const strangers = [
  { resource: resources.configMaps, content: { data: { text: "x".repeat(500) } } },
  { resource: resources.secrets, content: { data: { text: "eHh4".repeat(150) } } },
  {
    resource: resources.pods,
    content: {
      spec: { containers: [{ name: "foreign", image: "foreign:1", env: [{ name: "TEXT", value: "x".repeat(500) }] }] },
    },
  },
];
const EDITS = 100;

/** Sizes: clusters of our kind, and objects of others beside them. */
export interface Sizes {
  clusters: number;
  foreign: number;
}

export async function manyClusters({ clusters: count, foreign }: Sizes, figure: Figure): Promise<void> {
  execFileSync("npm", ["run", "-s", "build", "--workspace", "operator"]);
  say("starting etcd, kube-apiserver and kube-controller-manager");
  const plane = await startControlPlane();
  const stop = new AbortController();
  let operator: OperatorProcess | undefined;
  try {
    const { kube } = connect({ kubeconfig: plane.kubeconfig });
    await plane.kubectl(["apply", "--server-side", "-f", "crds/realtimeclusters.yaml"]);
    const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `fleet-${index}`);
    for (const name of namespaces) {
      await plane.kubectl(["create", "namespace", name]);
      await plane.kubectl([
        "-n",
        name,
        "create",
        "secret",
        "generic",
        "jwt",
        `--from-literal=secret=${"0123456789abcdef".repeat(2)}`,
      ]);
    }
    const nameOf = (index: number) => ({ name: `chat-${index}`, namespace: namespaces[index % NAMESPACES]! });
    const all = Array.from({ length: count }, (_, index) => nameOf(index));
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
    const watched = { kube, logger: log, clock: systemClock, random: Math.random };
    const changed = new Map<string, number>();
    const clusters = new ListWatch({ ...watched, resource: realtimeClusters, onChange: () => undefined });
    const configMaps = new ListWatch({
      ...watched,
      resource: resources.configMaps,
      labelSelector: "app.kubernetes.io/managed-by=realtime-operator",
      onChange: ({ object }) => changed.set(`${object.metadata.namespace}/${object.metadata.name}`, performance.now()),
    });
    const services = new ListWatch({
      ...watched,
      resource: resources.services,
      labelSelector: "app.kubernetes.io/managed-by=realtime-operator",
      onChange: () => undefined,
    });
    for (const watch of [clusters, configMaps, services]) void watch.run(stop.signal);

    operator = await OperatorProcess.start(plane.kubeconfig, "one");
    await operator.whenActing();
    figure("RSS without a cluster", `${operator.rssMiB()} MiB`);

    const empty = await operator.requests();
    const createdAt = performance.now();
    await inParallel(
      all,
      16,
      async ({ name, namespace }) =>
        void (await kube.create(realtimeClusters, {
          apiVersion: "realtime.dev/v1beta1",
          kind: "RealtimeCluster",
          metadata: { name, namespace },
          spec: { auth: { jwt: { secret: { name: "jwt" } } } },
        })),
    );
    await until(
      "every cluster to be reconciled",
      async () =>
        [...clusters.values()].filter(
          (cluster) => (cluster["status"] as { selector?: string } | undefined)?.selector !== undefined,
        ).length === count && [...services.values()].length === 3 * count,
      900_000,
      100,
    );
    figure(
      `${count} clusters created at once, all reconciled after`,
      `${((performance.now() - createdAt) / 1000).toFixed(1)} s`,
    );
    await settled(operator);
    const made = await operator.requests();
    figure(
      "writes for each new cluster (one for each child, and its status)",
      (writes(empty, made) / count).toFixed(1),
    );
    figure("reads for each new cluster", (reads(empty, made) / count).toFixed(1));
    figure(`RSS with ${count} clusters`, `${operator.rssMiB()} MiB`);

    await wait(60_000);
    const still = await operator.requests();
    figure(
      "reads and writes in a minute of steady state, pods pending",
      `${reads(made, still)} and ${writes(made, still)}`,
    );

    const before = await operator.requests();
    await plane.kubectl(["-n", namespaces[0]!, "create", "configmap", "foreign"]);
    for (let index = 0; index < 100; index++)
      await plane.kubectl(["-n", namespaces[0]!, "annotate", "configmap", "foreign", "--overwrite", `n=${index}`]);
    figure(
      "requests for 100 changes of a foreign object beside the clusters",
      String(reads(before, await operator.requests()) + writes(before, await operator.requests())),
    );

    figure(`an edit until its child is changed, ${EDITS} edits, nothing else going on`, spread(await editLimits(100)));
    const churn = new AbortController();
    const churning = churnReplicas(churn.signal);
    figure(
      `an edit until its child is changed, ${EDITS} edits while others are scaled, 20 a second`,
      spread(await editLimits(200)),
    );
    churn.abort();
    await churning;

    const drift: number[] = [];
    for (let index = 0; index < 50; index++) {
      const { name, namespace } = nameOf((index * 11) % count);
      const uid = services.get(namespace, `${name}-server`)?.metadata.uid;
      const startedAt = performance.now();
      await kube.remove(resources.services, services.get(namespace, `${name}-server`)!);
      await until(
        "the Service to be back",
        async () => ![undefined, uid].includes(services.get(namespace, `${name}-server`)?.metadata.uid),
        30_000,
        1,
      );
      drift.push(performance.now() - startedAt);
    }
    figure("a deleted child until it is back, 50 times", spread(drift));

    say(`making ${foreign} foreign objects: ConfigMaps, Secrets and Pods`);
    await settled(operator);
    const lean = operator.rssMiB();
    await inParallel(
      Array.from({ length: foreign }, (_, index) => index),
      32,
      async (index) => {
        const { resource, content } = strangers[index % strangers.length]!;
        await kube.create(resource, {
          apiVersion: "v1",
          kind: resource.kind,
          metadata: { name: `foreign-${index}`, namespace: namespaces[index % NAMESPACES]! },
          ...content,
        });
      },
    );
    figure(
      `RSS before and after ${foreign} foreign ConfigMaps, Secrets and Pods`,
      `${lean} and ${operator.rssMiB()} MiB`,
    );

    await operator.stop("SIGKILL");
    const killedAt = performance.now();
    operator = await OperatorProcess.start(plane.kubeconfig, "one");
    await until("every cluster to be looked at", async () => (await operator!.looks()) >= count, 120_000, 50);
    figure(
      `killed and restarted, all ${count} looked at after`,
      `${((performance.now() - killedAt) / 1000).toFixed(1)} s`,
    );
    await settled(operator);
    figure("writes of the restarted operator", String(writes({}, await operator.requests())));
    figure("RSS of the restarted operator", `${operator.rssMiB()} MiB`);

    const other = await OperatorProcess.start(plane.kubeconfig, "two");
    await until(
      "the other to watch",
      async () => (await other.metrics().catch(() => "")).includes("realtime_operator_synced 1"),
      60_000,
      50,
    );
    const stoppedAt = performance.now();
    await operator.stop("SIGTERM");
    operator = other;
    await other.whenActing();
    figure("clean stop until the other replica acts", `${((performance.now() - stoppedAt) / 1000).toFixed(1)} s`);

    /** Milliseconds from the edit's request until the ConfigMap has changed, of each. */
    async function editLimits(first: number): Promise<number[]> {
      const times: number[] = [];
      for (let index = 0; index < EDITS; index++) {
        const { name, namespace } = nameOf((index * 7) % count);
        const key = `${namespace}/${name}-server`;
        changed.delete(key);
        const startedAt = performance.now();
        await kube.mergePatch(
          realtimeClusters,
          { namespace, name },
          {
            spec: { limits: { maxRoomsPerUser: first + index } },
          },
        );
        await until("the ConfigMap to follow", async () => changed.has(key), 30_000, 1);
        times.push(changed.get(key)! - startedAt);
      }
      return times;
    }

    async function churnReplicas(signal: AbortSignal): Promise<void> {
      for (let index = 0; !signal.aborted; index++) {
        const { name, namespace } = nameOf((index * 13) % count);
        await kube.mergePatch(realtimeClusters, { namespace, name }, { spec: { replicas: 2 + (index % 2) } });
        await wait(50);
      }
    }
  } finally {
    stop.abort();
    await operator?.stop("SIGTERM");
    await plane.stop();
  }
}

async function settled(process: OperatorProcess): Promise<void> {
  let last = await process.requests();
  await until(
    "requests to cease",
    async () => {
      await wait(3_000);
      const now = await process.requests();
      const isStill = reads(last, now) + writes(last, now) === 0;
      last = now;
      return isStill;
    },
    300_000,
    1,
  );
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
