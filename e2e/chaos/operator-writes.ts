import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet, KubeView } from "../../testkit/cluster/fleet.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";

/** The verbs of writes. "replace" renews the operator's own Lease every few seconds, so it does not count. */
const WRITES = ["apply", "create", "patch", "delete"];
const SILENT_FOR_MS = 15_000;

/** The operator's writes to the API server since its start, from its own metrics. */
export async function operatorWrites(fleet: Fleet): Promise<number> {
  const kubectl = (...args: string[]) => runKubectl(fleet.state, args);
  const selector = "app.kubernetes.io/name=realtime-operator";
  const found = await kubectl("-n", OPERATOR_NAMESPACE, "get", "pods", "-l", selector, "-o", "json");
  const { items } = JSON.parse(found) as { items: (KubeView & { spec: { containers: { ports?: Port[] }[] } })[] };
  const [pod] = items;
  const port = pod?.spec.containers[0]?.ports?.find(({ name }) => name === "metrics")?.containerPort;
  if (pod === undefined || port === undefined) throw new Error("there is no operator pod with a port for metrics");
  const path = `/api/v1/namespaces/${OPERATOR_NAMESPACE}/pods/${pod.metadata.name}:${port}/proxy/metrics`;
  const lines = (await kubectl("get", "--raw", path)).split("\n");
  const isWrite = (line: string) => WRITES.some((verb) => line.includes(`verb="${verb}"`));
  return lines
    .filter((line) => line.startsWith("realtime_operator_api_requests_total{") && isWrite(line))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

interface Port {
  name: string;
  containerPort: number;
}

/**
 * Waits until the operator has written nothing for a while. Resolves to the seconds until its last write; undefined
 * when it still writes at the deadline.
 */
export async function operatorSilence(fleet: Fleet, deadlineMs: number): Promise<number | undefined> {
  const beganMs = Date.now();
  let lastWriteMs = beganMs;
  let before = await operatorWrites(fleet);
  while (Date.now() - lastWriteMs < SILENT_FOR_MS) {
    if (lastWriteMs - beganMs > deadlineMs) return undefined;
    await sleep(1_000);
    const now = await operatorWrites(fleet).catch(() => before);
    if (now !== before) lastWriteMs = Date.now();
    before = now;
  }
  return Math.round((lastWriteMs - beganMs) / 1_000);
}
