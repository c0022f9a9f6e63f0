import { Command } from "commander";
import { binaryGroups, buildBinaries } from "../../testkit/programs/binaries.ts";
import { loadAppImage } from "./images/app-image.ts";
import { layoutOf } from "./node/layout.ts";
import { killComponent, restartableNames, startComponent, type Restartable } from "./node/components.ts";
import { isHealthy, prepareNode, startNode, stopNode } from "./node/node-cluster.ts";
import { livingFirstProcess } from "./node/namespaces.ts";
import { nodeProblems } from "./node/node-problems.ts";
import { runtimePackages, unpackPackages } from "../../testkit/programs/debian.ts";
import { binDir, placesOf } from "../../testkit/programs/places.ts";

const began = Date.now();
const say = (line: string) =>
  process.stdout.write(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
const places = placesOf(process.env);
const index = Number(process.env["LAB_INDEX"] ?? 0);
const layout = layoutOf(places, index);

const program = new Command("lab")
  .description(
    "A real single-node Kubernetes on this machine, in namespaces of its own. LAB_INDEX=0..9 lets several run side by side.",
  )
  .showHelpAfterError();

program
  .command("build")
  .argument("[group]", "control-plane: only the programs that the integration tests start")
  .description("build the Kubernetes programs, and the node's images where it can run, into the cache")
  .action(async (group?: string) => {
    const wanted = binaryGroups.filter(({ name }) => group === undefined || name === group);
    if (wanted.length === 0)
      throw new Error(
        `there is no group ${group ?? ""}: ${binaryGroups.map(({ name }) => name).join(" and ")} are known`,
      );
    if (group === undefined && process.platform === "linux" && process.getuid?.() === 0) await prepareNode(places, say);
    else await buildBinaries(places, wanted, say);
  });

program
  .command("up")
  .description("start the cluster, if it is not running")
  .action(async () => {
    await startNode(places, index, say);
    say(`KUBECONFIG=${layout.kubeconfig}`);
  });

program
  .command("down")
  .description("end the cluster and remove everything that it created")
  .action(async () => {
    say((await stopNode(places, index)) ? "deleted the lab cluster" : "there is no lab cluster");
  });

program
  .command("status")
  .description("show whether the cluster runs; exit code 1 when it does not")
  .action(async () => {
    const healthy = await isHealthy(layout, places);
    const half = livingFirstProcess(layout) !== undefined;
    say(
      healthy ? `running: ${layout.kubeconfig}` : half ? `started, but not healthy: see ${layout.logs}` : "not running",
    );
    process.exitCode = healthy ? 0 : 1;
  });

program
  .command("kill")
  .argument("<program>", restartableNames.join(", "))
  .description("kill a program of the node, as a crash would; start it again with start")
  .action((name: string) => {
    killComponent(layout, restartableOf(name));
    say(`killed ${name}`);
  });

program
  .command("start")
  .argument("<program>", restartableNames.join(", "))
  .description("start a program of the node that was killed")
  .action(async (name: string) => {
    const runtime = await unpackPackages(places, runtimePackages, () => undefined);
    startComponent({ layout, places, runtime, say }, restartableOf(name));
    say(`started ${name}`);
  });

program
  .command("image")
  .argument("<folder>", "folder with image.json and the files it names")
  .description("assemble an application's image and load it")
  .action(async (folder: string) => {
    say((await loadAppImage(folder, layout, places, say)) ? "image loaded" : "the image was already loaded");
  });

program
  .command("kubeconfig")
  .description("print the path of the kubeconfig")
  .action(() => {
    process.stdout.write(`${layout.kubeconfig}\n`);
  });

program
  .command("env")
  .description("print shell lines that make kubectl and helm use the cluster")
  .action(() => {
    process.stdout.write(`export KUBECONFIG=${layout.kubeconfig}\nexport PATH=${binDir(places)}:$PATH\n`);
  });

program
  .command("doctor")
  .description("list what is missing on this machine, and what to install")
  .action(async () => {
    const problems = await nodeProblems(places);
    for (const problem of problems) say(problem);
    say(problems.length === 0 ? "this machine can run the lab" : `missing: ${problems.length}`);
    process.exitCode = problems.length === 0 ? 0 : 1;
  });

function restartableOf(name: string): Restartable {
  const found = restartableNames.find((known) => known === name);
  if (found === undefined) throw new Error(`there is no program ${name}: ${restartableNames.join(", ")} are known`);
  return found;
}

await program.parseAsync().catch((error: unknown) => {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    process.stderr.write(`${cause === error ? "error" : "  because"}: ${cause.message}\n`);
  process.exitCode = 1;
});
