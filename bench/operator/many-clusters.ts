// Measures the operator with many clusters, on a real kube-apiserver, etcd and controller-manager. There is no kubelet,
// so all pods stay pending. Many operators send the most requests in this state.
import { execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../testkit/until.ts";
import { realtimeClusters } from "../../operator/src/api/realtime-cluster.ts";
import { resources } from "../../operator/src/api/resources.ts";
import { say, spread, type Figure } from "./figures.ts";
import { OperatorProcess } from "./operator-process.ts";
import { reads, writes } from "./requests.ts";
import { startWatchedPlane, type WatchedPlane } from "./watched-plane.ts";

const EDITS = 100;
const foreignKinds = [
  { resource: resources.configMaps, content: { data: { text: "x".repeat(500) } } },
  { resource: resources.secrets, content: { data: { text: "eHh4".repeat(150) } } },
  {
    resource: resources.pods,
    content: {
      spec: { containers: [{ name: "foreign", image: "foreign:1", env: [{ name: "TEXT", value: "x".repeat(500) }] }] },
    },
  },
];

/** How many RealtimeClusters exist, and how many objects that the operator does not own. */
export interface Sizes {
  clusters: number;
  foreign: number;
}

interface Run extends WatchedPlane {
  count: number;
  figure: Figure;
}

export async function manyClusters({ clusters: count, foreign }: Sizes, figure: Figure): Promise<void> {
  execFileSync("npm", ["run", "-s", "build", "--workspace", "operator"]);
  say("starting etcd, kube-apiserver and kube-controller-manager");
  const watched = await startWatchedPlane();
  const run: Run = { ...watched, count, figure };
  let operator: OperatorProcess | undefined;
  try {
    operator = await OperatorProcess.start(watched.plane.kubeconfig, "one");
    await operator.whenActing();
    figure("RSS without a cluster", `${operator.rssMiB()} MiB`);
    await measureCreation(run, operator);
    await measureSteadyState(run, operator);
    await measureEdits(run);
    await measureDrift(run);
    await measureForeignObjects(run, operator, foreign);
    operator = await measureRestart(run, operator);
    operator = await measureHandover(run, operator);
  } finally {
    await operator?.stop("SIGTERM");
    await watched.stop();
  }
}

async function measureCreation({ kube, nameOf, clusters, services, count, figure }: Run, operator: OperatorProcess) {
  const empty = await operator.requests();
  const startedAtMs = performance.now();
  await inParallel(count, 16, async (index) => {
    await kube.create(realtimeClusters, {
      apiVersion: "realtime.dev/v1beta1",
      kind: "RealtimeCluster",
      metadata: nameOf(index),
      spec: { auth: { jwt: { secret: { name: "jwt" } } } },
    });
  });
  const isReconciled = (cluster: object) =>
    (cluster as { status?: { selector?: string } }).status?.selector !== undefined;
  const allReconciled = async () =>
    [...clusters.values()].filter(isReconciled).length === count && [...services.values()].length === 3 * count;
  await until("every cluster to be reconciled", allReconciled, 900_000, 100);
  figure(`${count} clusters created at once, all reconciled after`, secondsSince(startedAtMs));
  await settled(operator);
  const made = await operator.requests();
  figure("writes for each new cluster (one for each child, and its status)", (writes(empty, made) / count).toFixed(1));
  figure("reads for each new cluster", (reads(empty, made) / count).toFixed(1));
  figure(`RSS with ${count} clusters`, `${operator.rssMiB()} MiB`);
}

async function measureSteadyState({ plane, namespaces, figure }: Run, operator: OperatorProcess) {
  const before = await operator.requests();
  await wait(60_000);
  const after = await operator.requests();
  const inAMinute = `${reads(before, after)} and ${writes(before, after)}`;
  figure("reads and writes in a minute of steady state, pods pending", inAMinute);

  const inFirst = (...args: string[]) => plane.kubectl(["-n", namespaces[0]!, ...args]);
  await inFirst("create", "configmap", "foreign");
  for (let index = 0; index < 100; index++)
    await inFirst("annotate", "configmap", "foreign", "--overwrite", `n=${index}`);
  const afterForeign = await operator.requests();
  const caused = reads(after, afterForeign) + writes(after, afterForeign);
  figure("requests for 100 changes of a foreign object in a namespace of the clusters", String(caused));
}

async function measureEdits(run: Run) {
  const alone = await editLimits(run, 100);
  run.figure(`an edit until its child is changed, ${EDITS} edits, nothing else going on`, spread(alone));
  const stop = new AbortController();
  const scaling = scaleOthers(run, stop.signal);
  const busy = await editLimits(run, 200);
  run.figure(`an edit until its child is changed, ${EDITS} edits while others are scaled, 20 a second`, spread(busy));
  stop.abort();
  await scaling;
}

/**
 * Edits the limits of several clusters, one after another. Returns, for each edit, the milliseconds from the request
 * until the ConfigMap has changed.
 */
async function editLimits({ kube, nameOf, count, changedAtMs }: Run, first: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < EDITS; index++) {
    const { name, namespace } = nameOf((index * 7) % count);
    const key = `${namespace}/${name}-server`;
    changedAtMs.delete(key);
    const startedAtMs = performance.now();
    const patch = { spec: { limits: { maxRoomsPerUser: first + index } } };
    await kube.mergePatch(realtimeClusters, { namespace, name }, patch);
    await until("the ConfigMap to have the edit", async () => changedAtMs.has(key), 30_000, 1);
    times.push(changedAtMs.get(key)! - startedAtMs);
  }
  return times;
}

async function scaleOthers({ kube, nameOf, count }: Run, signal: AbortSignal): Promise<void> {
  for (let index = 0; !signal.aborted; index++) {
    await kube.mergePatch(realtimeClusters, nameOf((index * 13) % count), { spec: { replicas: 2 + (index % 2) } });
    await wait(50);
  }
}

async function measureDrift({ kube, nameOf, services, count, figure }: Run) {
  const times: number[] = [];
  for (let index = 0; index < 50; index++) {
    const { name, namespace } = nameOf((index * 11) % count);
    const service = () => services.get(namespace, `${name}-server`);
    const deleted = service()!;
    const startedAtMs = performance.now();
    await kube.remove(resources.services, deleted);
    const isBack = async () => ![undefined, deleted.metadata.uid].includes(service()?.metadata.uid);
    await until("the Service to be back", isBack, 30_000, 1);
    times.push(performance.now() - startedAtMs);
  }
  figure("a deleted child until it is back, 50 times", spread(times));
}

async function measureForeignObjects({ kube, namespaces, figure }: Run, operator: OperatorProcess, foreign: number) {
  say(`creating ${foreign} foreign objects: ConfigMaps, Secrets and Pods`);
  await settled(operator);
  const before = operator.rssMiB();
  await inParallel(foreign, 32, async (index) => {
    const { resource, content } = foreignKinds[index % foreignKinds.length]!;
    const metadata = { name: `foreign-${index}`, namespace: namespaces[index % namespaces.length]! };
    await kube.create(resource, { apiVersion: "v1", kind: resource.kind, metadata, ...content });
  });
  const sizes = `${before} and ${operator.rssMiB()} MiB`;
  figure(`RSS before and after ${foreign} foreign ConfigMaps, Secrets and Pods`, sizes);
}

async function measureRestart({ plane, count, figure }: Run, killed: OperatorProcess): Promise<OperatorProcess> {
  await killed.stop("SIGKILL");
  const startedAtMs = performance.now();
  const operator = await OperatorProcess.start(plane.kubeconfig, "one");
  await until("every cluster to be reconciled", async () => (await operator.reconciles()) >= count, 120_000, 50);
  figure(`killed and restarted, all ${count} reconciled after`, secondsSince(startedAtMs));
  await settled(operator);
  figure("writes of the restarted operator", String(writes({}, await operator.requests())));
  figure("RSS of the restarted operator", `${operator.rssMiB()} MiB`);
  return operator;
}

async function measureHandover({ plane, figure }: Run, leader: OperatorProcess): Promise<OperatorProcess> {
  const other = await OperatorProcess.start(plane.kubeconfig, "two");
  const isSynced = async () => (await other.metrics().catch(() => "")).includes("realtime_operator_synced 1");
  await until("the watches of the other replica to be ready", isSynced, 60_000, 50);
  const startedAtMs = performance.now();
  await leader.stop("SIGTERM");
  await other.whenActing();
  figure("clean stop until the other replica leads", secondsSince(startedAtMs));
  return other;
}

async function settled(operator: OperatorProcess): Promise<void> {
  let last = await operator.requests();
  const isSettled = async () => {
    await wait(3_000);
    const now = await operator.requests();
    const sent = reads(last, now) + writes(last, now);
    last = now;
    return sent === 0;
  };
  await until("requests to end", isSettled, 300_000, 1);
}

function secondsSince(startedAtMs: number): string {
  return `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
}

async function inParallel(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
