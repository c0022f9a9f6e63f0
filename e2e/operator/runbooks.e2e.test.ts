// Runs the commands of every runbook that only read, as a person on call would, on a cluster that serves.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startFleet, type Fleet } from "../../testkit/cluster/fleet.ts";
import { run } from "../../testkit/run.ts";

const folder = join(import.meta.dirname, "../../docs/runbooks");
/** Commands with one of these words change something, or need a program or an object that the runbook's fault has. */
const notRun = /\b(delete|patch|scale|edit|restart|run|rebalance|drain|--previous)\b|servicemonitor/;

let fleet: Fleet;
let pod: string;
beforeAll(async () => {
  fleet = await startFleet("runbooks");
  pod = (await fleet.gateways())[0]?.metadata.name ?? "";
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
  for (const command of [...new Set(commands.map((one) => one.command))]) {
    const filled = command
      .replaceAll("NAMESPACE", fleet.namespace)
      .replaceAll("NAME", fleet.name)
      .replaceAll("POD", pod);
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const answer = await run("bash", ["-c", `set -eo pipefail; ${aliases} ${filled}`], { env }).catch(
      (error: unknown) => void failed.push(`${filled}: ${String(error)}`),
    );
    if (answer !== undefined && answer.trim() === "") failed.push(`${filled}: no output`);
  }
  expect(failed).toEqual([]);
}, 60_000);
