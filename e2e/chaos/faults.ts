// The faults of `make chaos`. Each returns when the cluster should work again. The clients notice some of them.
import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";
import { run } from "../../testkit/run.ts";

export interface ChaosFault {
  name: string;
  /** redis: Redis is away or empty for a time. Clients that reconnect in it may be not recovered. */
  breaks: "redis" | "nothing";
  /** Whether clients may lose their connections. */
  moves: boolean;
  /** Only the lab can stop single programs of its node. */
  needs?: "lab";
  run: (fleet: Fleet) => Promise<void>;
}

const READY_WITHIN_MS = 240_000;
/** The operator waits until new gateways have been ready for 30 s. */
const REBALANCE_BEGINS_WITHIN_MS = 60_000;
const API_DOWN_MS = 60_000;
const ETCD_DOWN_MS = 20_000;
const STARVED_MS = 20_000;

const selectorOf = (component: string, { name }: Fleet) =>
  `app.kubernetes.io/component=${component},app.kubernetes.io/instance=${name}`;
const isReady = ({ status }: KubeView) => status?.containerStatuses?.[0]?.ready === true;
const uidsOf = (pods: readonly KubeView[]) => pods.map(({ metadata }) => metadata.uid);

/** Waits until exactly these gateways exist, and are ready. Terminating ones count as existing. */
async function gateways(fleet: Fleet, count: number, without: readonly string[] = []): Promise<void> {
  await until(
    `${count} gateways to be ready`,
    async () => {
      const pods = await fleet.list("pods", selectorOf("server", fleet));
      return pods.length === count && pods.every(isReady) && uidsOf(pods).every((uid) => !without.includes(uid));
    },
    READY_WITHIN_MS,
    500,
  );
}

async function replicasOf(fleet: Fleet): Promise<number> {
  return Number(await fleet.kubectl(["get", "rtc", fleet.name, "-o", "jsonpath={.spec.replicas}"]));
}

async function scale(fleet: Fleet, by: number): Promise<void> {
  const replicas = (await replicasOf(fleet)) + by;
  await fleet.kubectl(["scale", `rtc/${fleet.name}`, `--replicas=${replicas}`]);
  await gateways(fleet, replicas);
}

/** Adds a gateway, and waits until the operator has moved connections to it. */
async function scaleUp(fleet: Fleet): Promise<void> {
  await scale(fleet, 1);
  const isMoving = async () => (await fleet.condition("Rebalancing"))?.status === "True";
  // The operator moves no client that has reconnected in the last ten minutes. So possibly no connections move.
  await until("connections to move", isMoving, REBALANCE_BEGINS_WITHIN_MS, 500).catch(() => undefined);
  await until("the rebalance to end", async () => !(await isMoving()), READY_WITHIN_MS, 500);
}

async function rollout(fleet: Fleet): Promise<void> {
  const old = uidsOf(await fleet.gateways());
  const annotations = { "example.com/release": String(Date.now()) };
  await fleet.patch({ spec: { podPatch: { metadata: { annotations } } } });
  await gateways(fleet, old.length, old);
}

/** Evicts a gateway as `kubectl drain` does, with the node closed to new pods until the gateway is gone. */
async function evict(fleet: Fleet): Promise<void> {
  const pods = await fleet.gateways();
  const { name, uid } = pods[0]!.metadata;
  const [node] = (await fleet.list("nodes")).map(({ metadata }) => metadata.name);
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: fleet.namespace } };
  await fleet.kubectl(["cordon", node!]);
  try {
    const path = `/api/v1/namespaces/${fleet.namespace}/pods/${name}/eviction`;
    const input = JSON.stringify(eviction);
    const isAccepted = () =>
      fleet.kubectl(["create", "--raw", path, "-f", "-"], { input }).then(
        () => true,
        () => false,
      );
    await until("the eviction to be allowed", isAccepted, 60_000, 500);
    const isGone = async () => !uidsOf(await fleet.list("pods")).includes(uid);
    await until("the evicted gateway to be gone", isGone, READY_WITHIN_MS, 500);
  } finally {
    await fleet.kubectl(["uncordon", node!]);
  }
  await gateways(fleet, pods.length, [uid]);
}

async function killGateway(fleet: Fleet): Promise<void> {
  const pods = await fleet.gateways();
  const { name, uid } = pods[0]!.metadata;
  await fleet.kubectl(["delete", "pod", name, "--grace-period=0", "--force"]);
  await gateways(fleet, pods.length, [uid]);
}

async function redisReady(fleet: Fleet, without: readonly string[]): Promise<void> {
  await until(
    "Redis to be ready",
    async () => {
      const pods = await fleet.list("pods", selectorOf("redis", fleet));
      return pods.length > 0 && pods.every(isReady) && uidsOf(pods).every((uid) => !without.includes(uid));
    },
    READY_WITHIN_MS,
    500,
  );
  const isUp = async () => (await fleet.condition("RedisReady"))?.status === "True";
  await until("the operator to see Redis", isUp, 90_000, 500);
}

export async function deleteRedis(fleet: Fleet): Promise<void> {
  const pods = await fleet.list("pods", selectorOf("redis", fleet));
  await fleet.kubectl(["delete", "pod", "-l", selectorOf("redis", fleet), "--wait=false"]);
  await redisReady(fleet, uidsOf(pods));
}

/** Deletes everything that Redis has stored, and lets it start with an empty volume. */
async function emptyRedis(fleet: Fleet): Promise<void> {
  const pods = await fleet.list("pods", selectorOf("redis", fleet));
  const empty = "rm -rf /data/* ";
  await fleet.kubectl(["exec", pods[0]!.metadata.name, "-c", "redis", "--", "sh", "-c", empty]).catch(() => undefined);
  await fleet.kubectl(["delete", "pod", "-l", selectorOf("redis", fleet), "--grace-period=0", "--force"]);
  await redisReady(fleet, uidsOf(pods));
}

/** Deletes all pods that a selector finds in another namespace, and waits until new ones are ready. */
async function restartPods(fleet: Fleet, namespace: string, selector: string): Promise<void> {
  const kubectl = (...args: string[]) => runKubectl(fleet.state, ["-n", namespace, ...args]);
  const pods = async () =>
    (JSON.parse(await kubectl("get", "pods", "-l", selector, "-o", "json")) as { items: KubeView[] }).items;
  const old = uidsOf(await pods());
  await kubectl("delete", "pods", "-l", selector, "--grace-period=0", "--force");
  const areNew = async () => {
    const now = await pods();
    return now.length > 0 && now.every(isReady) && uidsOf(now).every((uid) => !old.includes(uid));
  };
  await until(`new pods of ${selector}`, areNew, READY_WITHIN_MS, 500);
}

export const restartIngress = (fleet: Fleet): Promise<void> => restartPods(fleet, "traefik", "app=traefik");

export const killOperator = (fleet: Fleet): Promise<void> =>
  restartPods(fleet, OPERATOR_NAMESPACE, "app.kubernetes.io/name=realtime-operator");

const lab = (command: "kill" | "start", program: string): Promise<string> =>
  run(process.execPath, ["lab/src/main.ts", command, program]);

async function apiServerAnswers(fleet: Fleet): Promise<void> {
  const isUp = async () => (await runKubectl(fleet.state, ["get", "--raw=/readyz"])) === "ok";
  await until("the API server to be ready", isUp, 120_000, 500);
}

/** Kills a program of the node, and starts it again after this time. */
async function without(fleet: Fleet, program: string, downMs: number): Promise<void> {
  await lab("kill", program);
  try {
    await sleep(downMs);
  } finally {
    await lab("start", program);
  }
  await apiServerAnswers(fleet);
  const count = await replicasOf(fleet);
  await gateways(fleet, count);
}

export const stopApiServer = (fleet: Fleet, downMs = API_DOWN_MS): Promise<void> =>
  without(fleet, "kube-apiserver", downMs);

/** Keeps all CPUs busy, four processes for each. */
async function starve(): Promise<void> {
  const { availableParallelism } = await import("node:os");
  const busy: ChildProcess[] = Array.from({ length: 4 * availableParallelism() }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  await sleep(STARVED_MS);
  for (const child of busy) child.kill("SIGKILL");
}

export const chaosFaults: readonly ChaosFault[] = [
  { name: "rollout", breaks: "nothing", moves: true, run: rollout },
  { name: "scale up", breaks: "nothing", moves: true, run: scaleUp },
  { name: "scale down", breaks: "nothing", moves: true, run: (fleet) => scale(fleet, -1) },
  { name: "node drain", breaks: "nothing", moves: true, run: evict },
  { name: "forced pod deletion", breaks: "nothing", moves: true, run: killGateway },
  { name: "Redis pod deleted", breaks: "redis", moves: false, run: deleteRedis },
  { name: "Redis volume emptied", breaks: "redis", moves: false, run: emptyRedis },
  { name: "operator killed", breaks: "nothing", moves: false, run: killOperator },
  { name: "ingress restarted", breaks: "nothing", moves: true, run: restartIngress },
  { name: "CPU starved", breaks: "nothing", moves: true, run: starve },
  {
    name: "kubelet restarted",
    breaks: "nothing",
    moves: false,
    needs: "lab",
    run: (f) => without(f, "kubelet", 5_000),
  },
  { name: "API server down", breaks: "nothing", moves: false, needs: "lab", run: stopApiServer },
  { name: "etcd down", breaks: "nothing", moves: false, needs: "lab", run: (f) => without(f, "etcd", ETCD_DOWN_MS) },
  {
    ...{ name: "containerd restarted", breaks: "nothing", moves: false, needs: "lab" },
    run: (fleet) => without(fleet, "containerd", 5_000),
  },
];
