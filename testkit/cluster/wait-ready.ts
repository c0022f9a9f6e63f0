import { until } from "../until.ts";
import { runKubectl } from "./kubectl.ts";
import type { UpState } from "./up-state.ts";

/**
 * Waits until the condition Ready of a RealtimeCluster is True for its newest generation. After the deadline, throws an
 * error that lists all conditions.
 */
export async function waitReady(state: UpState, namespace: string, name: string, deadlineMs = 120_000): Promise<void> {
  const get = async () =>
    JSON.parse(await runKubectl(state, ["--namespace", namespace, "get", "rtc", name, "-o", "json"])) as ReadyView;
  try {
    await until(`RealtimeCluster ${namespace}/${name} to be Ready`, async () => isReady(await get()), deadlineMs, 250);
  } catch (error) {
    const conditions = ((await get()).status?.conditions ?? []).map(
      ({ type, status, reason, message }) => `  ${type}=${status} ${reason ?? ""}: ${message ?? ""}`,
    );
    throw new Error(`RealtimeCluster ${namespace}/${name} is not Ready:\n${conditions.join("\n")}`, { cause: error });
  }
}

interface ReadyView {
  metadata: { generation: number };
  status?: {
    observedGeneration?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

function isReady({ metadata, status }: ReadyView): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    status.conditions?.find(({ type }) => type === "Ready")?.status === "True"
  );
}
