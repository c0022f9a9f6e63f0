import { output } from "../../testkit/run.ts";
import type { UpState } from "../../testkit/cluster/up-state.ts";
import { exampleToken } from "./example-token.ts";
import { firstSteps } from "./first-steps.ts";

/** Prints the state of the cluster of `make up`. The exit code is 1 when no cluster runs. */
export async function printStatus(state: UpState | undefined, print: (line: string) => void): Promise<void> {
  const clusters =
    state === undefined
      ? undefined
      : await output(state.kubectl, [`--kubeconfig=${state.kubeconfig}`, "get", "rtc", "--all-namespaces"]);
  if (state === undefined || clusters === undefined) {
    print(
      state === undefined
        ? "nothing is running: start it with `make up`"
        : `the ${state.cluster} cluster does not answer. Run \`make up\` to repair it, or \`make down\` to remove it`,
    );
    process.exitCode = 1;
    return;
  }
  print(`the ${state.cluster} cluster is running; its ingress answers at ${state.ingressAddress}:80`);
  print(clusters);
  print(firstSteps(state, await exampleToken(state, { sub: "you", rooms: ["*"] })));
}
