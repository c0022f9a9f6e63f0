import type { ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";

/**
 * Applies CRDs and waits until objects of their kinds can be listed. This takes a moment longer than until the CRD's
 * condition Established is True.
 */
export async function installDefinitions(
  { kubectl }: Pick<ControlPlane, "kubectl">,
  files: readonly string[],
): Promise<void> {
  const names = (await kubectl(["apply", "--server-side", "--output=name", ...files.flatMap((file) => ["-f", file])]))
    .trim()
    .split("\n");
  await kubectl(["wait", "--for=condition=Established", ...names, "--timeout=60s"]);
  for (const name of names)
    await until(`${name} to be served`, () => kubectl(["get", name.split("/")[1]!, "--all-namespaces"]), 60_000);
}
