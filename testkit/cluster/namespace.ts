import { runKubectl } from "./kubectl.ts";
import type { UpState } from "./up-state.ts";

/** Creates a namespace that admits only pods of the restricted Pod Security standard. */
export async function applyNamespace(state: UpState, name: string): Promise<void> {
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
  await runKubectl(state, ["apply", "--server-side", "-f", "-"], { input: JSON.stringify(namespace) });
}
