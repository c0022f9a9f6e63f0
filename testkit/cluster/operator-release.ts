import { runHelm } from "./kubectl.ts";
import { applyNamespace } from "./namespace.ts";
import type { UpState } from "./up-state.ts";

export const OPERATOR_NAMESPACE = "realtime-system";

export interface OperatorRelease {
  name: string;
  namespace: string;
  /** Folder of the chart. */
  chart: string;
}

export const RELEASE: OperatorRelease = {
  name: "realtime-operator",
  namespace: OPERATOR_NAMESPACE,
  chart: "charts/realtime-operator",
};

/**
 * Installs or upgrades the operator's Helm release, and waits until the operator is available. Each entry of `set`
 * becomes a --set flag.
 */
export async function installOperator(state: UpState, release = RELEASE, set: readonly string[] = []): Promise<void> {
  const [operator, gateway] = [splitReference(state.operatorImage), splitReference(state.gatewayImage)];
  const values = [
    `image.repository=${operator.repository}`,
    `image.tag=${operator.tag}`,
    `gateway.image.repository=${gateway.repository}`,
    `gateway.image.tag=${gateway.tag}`,
    `redis.image=${state.redisImage}`,
    // With upgrade=Automatic, existing RealtimeClusters also get the gateway image that was just built.
    "upgrade=Automatic",
    ...set,
  ];
  await applyNamespace(state, release.namespace);
  const into = ["--namespace", release.namespace, "--wait", "--timeout", "120s"];
  const settings = values.flatMap((value) => ["--set", value]);
  await runHelm(state, ["upgrade", "--install", release.name, release.chart, ...into, ...settings]);
}

function splitReference(reference: string): { repository: string; tag: string } {
  const colon = reference.lastIndexOf(":");
  if (colon <= reference.lastIndexOf("/")) throw new Error(`image ${reference} has no tag: write it as repository:tag`);
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
