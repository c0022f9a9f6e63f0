import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { servePage } from "../../../examples/case-desk/page-server.ts";
import { EXAMPLE } from "../../../testkit/cluster/example.ts";
import { runKubectl } from "../../../testkit/cluster/kubectl.ts";
import type { UpState } from "../../../testkit/cluster/up-state.ts";
import { waitReady } from "../../../testkit/cluster/wait-ready.ts";
import { output } from "../../../testkit/run.ts";
import { fromSecret, nodeWorkload } from "./node-workload.ts";

const { namespace } = EXAMPLE;
const desk = fileURLToPath(new URL("../../../examples/case-desk", import.meta.url));
const BACKEND = "case-desk";
const BACKEND_PORT = 8787;

/**
 * Deploys examples/case-desk on the cluster of `make up`, and serves its page on this machine until Ctrl-C. The page
 * reaches the gateways through the ingress, and the back end through `kubectl port-forward`.
 */
export async function runExampleDesk(state: UpState, pagePort: number, print: (line: string) => void): Promise<void> {
  const kubectl = (args: string[], input = ""): Promise<string> =>
    runKubectl(state, ["--namespace", namespace, ...args], { input });
  const apply = (text: string): Promise<string> => kubectl(["apply", "--server-side", "-f", "-"], text);
  if ((await output(state.kubectl, [`--kubeconfig=${state.kubeconfig}`, ...SECRET])) === undefined)
    await kubectl([
      "create",
      "secret",
      "generic",
      "desk-jwt",
      `--from-literal=secret=${randomBytes(32).toString("hex")}`,
    ]);
  await apply(readFileSync(`${desk}/cluster.yaml`, "utf8"));
  const items = await nodeWorkload({
    ...{ name: BACKEND, image: state.gatewayImage, program: `${desk}/backend/main.ts`, port: BACKEND_PORT },
    env: [
      { name: "REALTIME_PUBLISH_URL", value: "http://desk-server:9090/api/publish" },
      fromSecret("REALTIME_PUBLISH_TOKEN", "desk-auth", "publish-token"),
      fromSecret("HANDLER_SECRET", "desk-auth", "handler-secret"),
      fromSecret("JWT_SECRET", "desk-jwt", "secret"),
    ],
  });
  await apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  print(`waiting for the RealtimeCluster ${namespace}/desk and its back end`);
  await waitReady(state, namespace, "desk");
  await kubectl(["rollout", "status", `deployment/${BACKEND}`, "--timeout=120s"]);
  const backendUrl = await forwardPort(state);
  const url = await servePage({
    ...{ port: pagePort, backendUrl, isEdited: false },
    ...{ realtimeUrl: `http://${state.ingressAddress}`, host: "desk.realtime.test" },
  });
  print(`The case desk: ${url}/?user=ada and ${url}/?user=bo`);
  print(`In another terminal: kubectl -n ${namespace} rollout restart deployment/desk-server`);
}

const SECRET = ["--namespace", namespace, "get", "secret", "desk-jwt", "-o", "name"];

/** Makes the back end available on a free port of this machine, as long as this process runs. */
async function forwardPort({ kubectl, kubeconfig }: UpState): Promise<string> {
  const args = ["--namespace", namespace, "port-forward", `service/${BACKEND}`, `:${BACKEND_PORT}`];
  const child = spawn(kubectl, [`--kubeconfig=${kubeconfig}`, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  process.on("exit", () => child.kill());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit());
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("kubectl port-forward has ended")));
    child.stdout.on("data", (data: Buffer) => {
      const port = /127\.0\.0\.1:(\d+) ->/.exec(data.toString())?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
  });
}
