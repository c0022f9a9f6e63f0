import { output } from "../../testkit/run.ts";
import type { UpState } from "../../testkit/cluster/up-state.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";

interface Pod {
  metadata: { name: string; namespace: string };
  status?: { phase?: string; conditions?: { type: string; status: string }[] };
}
interface Cluster {
  metadata: { name: string; namespace: string };
  status?: { conditions?: { type: string; status: string; reason: string; message: string }[] };
}

/**
 * Prints what helps to find out why a run failed: objects, conditions, pods that are not ready, warnings, and the
 * operator's log.
 */
export async function diagnose(state: UpState | undefined, print: (line: string) => void): Promise<void> {
  if (state === undefined) {
    print("nothing is running");
    return;
  }
  const kubectl = async (...args: string[]) =>
    (await output(state.kubectl, [`--kubeconfig=${state.kubeconfig}`, "--request-timeout=10s", ...args])) ??
    "(no answer)";
  const items = async <T>(...args: string[]) => {
    const answer = await output(state.kubectl, [
      `--kubeconfig=${state.kubeconfig}`,
      "--request-timeout=10s",
      "get",
      ...args,
      "--all-namespaces",
      "-o",
      "json",
    ]);
    return answer === undefined ? [] : (JSON.parse(answer) as { items: T[] }).items;
  };
  const section = (title: string, text: string) => print(`\n--- ${title}\n${text}`);

  section("objects", await kubectl("get", "all,ingress,pvc", "--all-namespaces", "-o", "wide"));
  for (const { metadata, status } of await items<Cluster>("realtimeclusters")) {
    const lines = (status?.conditions ?? []).map(
      ({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`,
    );
    section(
      `conditions of ${metadata.namespace}/${metadata.name}`,
      lines.join("\n") || "none: the operator has not reconciled the resource",
    );
  }
  for (const { metadata } of (await items<Pod>("pods")).filter((pod) => !isReady(pod))) {
    section(
      `pod ${metadata.namespace}/${metadata.name} is not ready`,
      await kubectl("-n", metadata.namespace, "describe", "pod", metadata.name),
    );
    section(`its log`, await kubectl("-n", metadata.namespace, "logs", metadata.name, "--all-containers", "--tail=40"));
  }
  section(
    "warnings",
    await kubectl("get", "events", "--all-namespaces", "--field-selector=type=Warning", "--sort-by=.lastTimestamp"),
  );
  section(
    "the operator's log",
    await kubectl(
      "-n",
      OPERATOR_NAMESPACE,
      "logs",
      "-l",
      "app.kubernetes.io/name=realtime-operator",
      "--tail=80",
      "--prefix",
    ),
  );
}

function isReady({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
}
