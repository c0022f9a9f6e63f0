// Runs the commands of every runbook that only read, as a person on call would, on a cluster that serves.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startFleet, type Fleet } from "../../testkit/cluster/fleet.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";
import { run } from "../../testkit/run.ts";

const folder = join(import.meta.dirname, "../../docs/runbooks");
/** Commands with one of these words change something, or need a program or an object that the runbook's fault has. */
const notRun =
  /\b(delete|patch|scale|edit|restart|run|rebalance|drain|--previous)\b|servicemonitor|"reconcile pass failed"/;

let fleet: Fleet;
let pod: string;
let operatorPod: string;
beforeAll(async () => {
  fleet = await startFleet("runbooks");
  pod = (await fleet.gateways())[0]?.metadata.name ?? "";
  const selector = "app.kubernetes.io/component=operator";
  const names = ["get", "pods", "-l", selector, "-o", "jsonpath={.items[0].metadata.name}"];
  operatorPod = await runKubectl(fleet.state, ["-n", OPERATOR_NAMESPACE, ...names]);
}, 240_000);
afterAll(() => fleet.remove());

/** Indented blocks and `inline code` that begin with kubectl or realtime. */
function commandsOf(file: string): string[] {
  const text = readFileSync(join(folder, file), "utf8").replace(/\n {2,3}(?=\S)/g, " ");
  const inBlocks = text.split("\n").filter((line) => /^ {4,}(kubectl|realtime) /.test(line));
  const inline = [...text.matchAll(/`((?:kubectl -n|realtime \w+ NAME) [^`]+)`/g)].map(([, command = ""]) => command);
  return [...inBlocks, ...inline]
    .map((command) => command.replace(/#.*/, "").trim())
    .filter((one) => !notRun.test(one));
}

const commands = readdirSync(folder).flatMap((file) => commandsOf(file).map((command) => ({ file, command })));

test("most runbooks have commands", () => {
  expect(new Set(commands.map(({ file }) => file)).size).toBeGreaterThan(6);
});

test("every command of a runbook that only reads works on a cluster", async () => {
  const { kubectl, kubeconfig } = fleet.state;
  const realtime = `realtime() { "${process.execPath}" operator/src/main.ts "$@"; };`;
  const aliases = `kubectl() { "${kubectl}" "$@"; }; ${realtime}`;
  const failed: string[] = [];
  const done = new Set<string>();
  for (const { file, command } of commands) {
    // In the runbooks of the operator, NAMESPACE and POD are those of the operator.
    const isOfOperator = file.startsWith("RealtimeOperator");
    const filled = command
      .replaceAll("CLUSTER_NAMESPACE", fleet.namespace)
      .replaceAll("NAMESPACE", isOfOperator ? OPERATOR_NAMESPACE : fleet.namespace)
      .replaceAll("NAME", fleet.name)
      .replaceAll("POD", isOfOperator ? operatorPod : pod);
    if (done.has(filled)) continue;
    done.add(filled);
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const answer = await run("bash", ["-c", `set -eo pipefail; ${aliases} ${filled}`], { env }).catch(
      (error: unknown) => void failed.push(`${filled}: ${String(error)}`),
    );
    if (answer !== undefined && answer.trim() === "") failed.push(`${filled}: no output`);
  }
  expect(failed).toEqual([]);
}, 60_000);
