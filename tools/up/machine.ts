import { goProblem } from "../../testkit/programs/go-toolchain.ts";
import type { Machine } from "./choose-cluster.ts";
import { succeeds, output } from "../../testkit/run.ts";

/** Finds out what this machine has. Changes and starts nothing. */
export async function inspectMachine(labBinaries: boolean): Promise<Machine> {
  const context = await output("kubectl", ["config", "current-context"]);
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    dockerEngine: await succeeds("docker", ["info"]),
    kind: await succeeds("kind", ["version"]),
    clients: (await succeeds("kubectl", ["version", "--client"])) && (await succeeds("helm", ["version"])),
    go: (await goProblem()) === undefined,
    labBinaries,
    kubeContext: context === undefined || context === "" ? undefined : context,
  };
}
