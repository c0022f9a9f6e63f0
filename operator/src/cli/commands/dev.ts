import { resolve } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { actions, askForAction, type Action } from "../../dev/control-socket.ts";
import { runDev } from "../../dev/run-dev.ts";
import { check } from "../../reconcile/checks.ts";
import { desired } from "../../reconcile/desired.ts";
import type { Facts } from "../../reconcile/facts/facts.ts";
import { inputsOf } from "../../reconcile/inputs-of.ts";
import { offlineFacts, releaseOf } from "../cluster-facts.ts";
import type { CommandDeps } from "../command-deps.ts";
import { exitOnError } from "../exit-on-error.ts";
import { clusterProblems } from "../validate/cluster-problems.ts";
import { readDocuments } from "../validate/documents.ts";
import { unapplied } from "./render.ts";

interface DevOptions {
  file?: string;
  port: number;
  handlers?: string;
  redisUrl?: string;
  once?: string;
}

const DEFAULT_PORT = 8080;

/**
 * `realtime dev`: runs the gateways of a cluster as local processes, without Kubernetes. It reads the same file that
 * users apply to Kubernetes.
 */
export function devCommand(deps: CommandDeps): Command {
  return new Command("dev")
    .description("run a cluster on this machine without Kubernetes: real gateways as processes behind one port")
    .addArgument(
      new Argument("[action]", "send an action to the realtime dev that runs in this folder").choices(
        Object.keys(actions),
      ),
    )
    .option("-f, --file <file>", "file with one RealtimeCluster; each time you save it, it is applied")
    .option("--port <port>", "port of the clients' URL", portNumber, DEFAULT_PORT)
    .option("--handlers <file>", "file that answers the application's events; each time you save it, it is restarted")
    .option("--redis-url <url>", "a Redis to use instead of a local redis-server or valkey-server")
    .option("--once <command>", "run a command with REALTIME_URL and REALTIME_TOKEN, then stop with its exit code")
    .action((action: Action | undefined, options: DevOptions) =>
      exitOnError(deps, 2, async () => {
        const directory = process.cwd();
        if (action !== undefined) return deps.write("out", await askForAction(resolve(directory, ".realtime"), action));
        const { file, port, handlers, redisUrl, once } = options;
        if (file === undefined) throw new Error("--file is missing: name a file with a RealtimeCluster");
        const code = await runDev({
          ...{ file: resolve(file), port, redisUrl, once, directory },
          handlersFile: handlers === undefined ? undefined : resolve(handlers),
          env: deps.env,
          read: (derived) => readFacts(file, deps, derived),
          write: (text) => deps.write("out", text),
          onStop: deps.onStop,
        });
        deps.exit(code);
      }),
    );
}

/**
 * Reads a file that must have exactly one cluster. Returns the problems that `realtime validate` would report, if there
 * are any. `derived` becomes spec.handlers when the file has none.
 */
async function readFacts(
  file: string,
  { env, readText }: CommandDeps,
  derived: readonly object[] | undefined,
): Promise<{ facts: Facts } | { problems: string[] }> {
  const { clusters, problems } = await readDocuments([file], readText);
  const [document, second] = clusters;
  if (problems.length > 0 || document === undefined) return { problems };
  if (second !== undefined) return { problems: [`${file}: has several RealtimeClusters: give a file with one`] };
  if (derived !== undefined) addHandlers(document.object, derived);
  const wrong = clusterProblems(document.object).map((problem) => `${document.where}: ${problem}`);
  if (wrong.length > 0) return { problems: wrong };
  const facts = offlineFacts(unapplied(document, "default"), releaseOf({}, env));
  const problem = check(facts, desired(facts.cluster, inputsOf(facts)));
  return problem === undefined ? { facts } : { problems: [`${document.where}: ${problem.message}`] };
}

function addHandlers(object: KubeObject, derived: readonly object[]): void {
  const spec = object["spec"];
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) return;
  if ("handlers" in spec && Array.isArray(spec.handlers) && spec.handlers.length > 0) return;
  object["spec"] = { ...spec, handlers: derived };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError("must be 0 to 65535.");
  return port;
}
