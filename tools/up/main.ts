// The program behind `make up`, `make down`, `make status` and `make diagnose`.
import { binaryGroups, isBuilt } from "../../testkit/programs/binaries.ts";
import { goEnv } from "../../testkit/programs/go-toolchain.ts";
import { placesOf } from "../../testkit/programs/places.ts";
import { chooseCluster } from "./choose-cluster.ts";
import type { ClusterProvider } from "./cluster-provider.ts";
import { inspectMachine } from "./machine.ts";
import { diagnose } from "./diagnose.ts";
import { runExampleDesk } from "./examples/example-desk.ts";
import { deployExampleHandlers } from "./examples/example-handlers.ts";
import { exampleToken } from "./example-token.ts";
import { Progress } from "./progress.ts";
import { providerOf } from "./provider-of.ts";
import { stagedImageOf } from "../../testkit/cluster/staged-image.ts";
import { forgetState, readState, type UpState } from "../../testkit/cluster/up-state.ts";
import { printStatus } from "./status.ts";
import { up } from "./up.ts";

const env = process.env;
const places = placesOf(env);
const print = (line: string) => process.stdout.write(`${line}\n`);

async function choose(): Promise<ClusterProvider> {
  const labBinaries = binaryGroups.every((group) => isBuilt(places, group));
  const choice = chooseCluster(env["CLUSTER"] ?? "auto", await inspectMachine(labBinaries));
  if ("problem" in choice) throw new Error(choice.problem);
  return providerOf(choice.cluster, env);
}

async function down(): Promise<void> {
  const state = readState(env);
  const asked = env["CLUSTER"] ?? "auto";
  const cluster = asked === "kind" || asked === "lab" || asked === "current" ? asked : (state?.cluster ?? "lab");
  print(await providerOf(cluster, env).stop());
  forgetState(env);
}

/**
 * Checks whether `make up` can run here or, with "go", whether the lab's programs can be built. If not, throws an error
 * that says why.
 */
async function check(what: string | undefined): Promise<void> {
  if (what === "go") await goEnv();
  else print(`make up would use the ${(await choose()).kind} cluster`);
}

/**
 * Prints a token for the example. SUB is its user, and ROOMS is a comma-separated list of room names and * patterns.
 */
async function token(): Promise<void> {
  const state = runningState();
  const rooms = (env["ROOMS"] ?? "*").split(",").map((room) => room.trim());
  print(await exampleToken(state, { sub: env["SUB"] ?? "you", rooms }));
}

/** The state of the cluster of `make up`. Throws when it does not run. */
function runningState(): UpState {
  const state = readState(env);
  if (state === undefined) throw new Error("nothing is running: start it with `make up`");
  return state;
}

/** Loads an image into the running cluster. The folder contains the image's files and its image.json. */
async function load(folder = "", workspace = ""): Promise<void> {
  const state = runningState();
  await providerOf(state.cluster, env).load(stagedImageOf(folder), workspace);
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === "up") await up(await choose(), env, new Progress(Date.now, print), print);
  else if (command === "down") await down();
  else if (command === "status") await printStatus(readState(env), print);
  else if (command === "token") await token();
  else if (command === "diagnose") await diagnose(readState(env), print);
  else if (command === "load") await load(...args);
  else if (command === "example-handlers") await deployExampleHandlers(runningState(), print);
  else if (command === "example-desk") await runExampleDesk(runningState(), Number(env["PAGE_PORT"] ?? 5173), print);
  else if (command === "check") await check(args[0]);
  else
    throw new Error(
      `tools/up/main.ts knows up, down, status, token, example-handlers, example-desk, diagnose, load and check, not ${command ?? "nothing"}`,
    );
} catch (error) {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    process.stderr.write(`${cause === error ? "error" : "  because"}: ${cause.message}\n`);
  if (command === "up" && readState(env) !== undefined)
    process.stderr.write("`make diagnose` shows the state of the cluster, and `make down` removes the cluster\n");
  process.exitCode = 1;
}
