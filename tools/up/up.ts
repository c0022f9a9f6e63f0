// Does all steps of `make up`: builds the images, starts a cluster, installs the operator and the example, and connects
// a client. Every step can be repeated, and keeps what already exists.
import { EXAMPLE } from "../../testkit/cluster/example.ts";
import { clientOf, connected } from "../../testkit/cluster/ingress-client.ts";
import { ensureJwtSecret } from "../../testkit/cluster/jwt-secret.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import { applyNamespace } from "../../testkit/cluster/namespace.ts";
import { installOperator } from "../../testkit/cluster/operator-release.ts";
import { withStagedImage } from "../../testkit/cluster/staged-image.ts";
import { writeState, type UpState } from "../../testkit/cluster/up-state.ts";
import { waitReady } from "../../testkit/cluster/wait-ready.ts";
import { run } from "../../testkit/run.ts";
import { until } from "../../testkit/until.ts";
import type { ClusterProvider } from "./cluster-provider.ts";
import { exampleToken } from "./example-token.ts";
import { firstSteps } from "./first-steps.ts";
import type { Progress } from "./progress.ts";

export async function up(
  provider: ClusterProvider,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  print: (line: string) => void,
): Promise<void> {
  await progress.step("bundling the operator and the gateway", "3 s", bundle);
  const state = await startCluster(provider, env, progress);
  writeState(env, state);
  await progress.step("helm upgrade --install realtime-operator", "10 s", () => installOperator(state));
  await progress.step(`applying examples/minimal and waiting until it is Ready`, "20 s", () => applyExample(state));
  const token = await exampleToken(state, { sub: "you", rooms: ["*"] });
  const title = `connecting a Socket.IO client through the ingress at ${state.ingressAddress}`;
  const first = await progress.step(title, "1 s", () => firstConnection(state, token));
  print(`\nA client connected through the ingress, as socket ${first.socketId}.\n`);
  print(firstSteps(state, token));
}

async function bundle(): Promise<void> {
  for (const workspace of ["operator", "server"]) await run("npm", ["run", "-s", "build", "--workspace", workspace]);
}

async function startCluster(provider: ClusterProvider, env: NodeJS.ProcessEnv, progress: Progress): Promise<UpState> {
  const usually = "10 s; 7 to 10 min when Kubernetes has to be built first";
  const programs = await progress.step(`starting the ${provider.kind} cluster`, usually, () =>
    provider.start(progress),
  );
  const images = await progress.step("images of the operator and the gateway", "5 s", () => loadImages(provider, env));
  const internalIp = "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}";
  return {
    cluster: provider.kind,
    ...programs,
    ingressAddress: (await runKubectl(programs, ["get", "nodes", "-o", internalIp])).trim(),
    operatorImage: images.operator,
    gatewayImage: images.gateway,
    redisImage: provider.redisImage,
  };
}

async function applyExample(state: UpState): Promise<void> {
  const { namespace, name, secret } = EXAMPLE;
  await applyNamespace(state, namespace);
  await ensureJwtSecret(state, namespace, secret);
  await runKubectl(state, ["apply", "--server-side", "--namespace", namespace, "-f", "examples/minimal/cluster.yaml"]);
  // Wait for the new image, too. After an earlier `make up`, the example is Ready with the old image until the new
  // operator has reconciled it.
  const image = "jsonpath={.spec.template.spec.containers[0].image}";
  const runningImage = () =>
    runKubectl(state, ["--namespace", namespace, "get", "deployment", `${name}-server`, "-o", image]);
  const isNew = async () => (await runningImage()) === state.gatewayImage;
  await until("the Deployment to have the new gateway image", isNew, 60_000, 250);
  await waitReady(state, namespace, name);
}

async function loadImages(
  provider: ClusterProvider,
  env: NodeJS.ProcessEnv,
): Promise<{ operator: string; gateway: string }> {
  const given = { operator: env["OPERATOR_IMAGE"], gateway: env["GATEWAY_IMAGE"] };
  const load = (workspace: string) =>
    withStagedImage(workspace, async (image) => {
      await provider.load(image, workspace);
      return image.reference;
    });
  return { operator: given.operator ?? (await load("operator")), gateway: given.gateway ?? (await load("server")) };
}

async function firstConnection(state: UpState, token: string): Promise<{ socketId: string }> {
  const client = clientOf({ host: EXAMPLE.host, ingressAddress: state.ingressAddress, token });
  const greeting = new Promise<{ socketId: string }>((resolve) => client.once("connected", resolve));
  await connected(client);
  const answer = await greeting;
  client.disconnect();
  return answer;
}
