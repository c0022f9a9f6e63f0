// From nothing to a client that is connected, step by step. Every step may be repeated and keeps what is there.
import { randomBytes } from "node:crypto";
import { run } from "../../testkit/run.ts";
import { until } from "../../testkit/until.ts";
import { withAppImage } from "./app-image.ts";
import type { ClusterProvider } from "./cluster-provider.ts";
import { clientOf, connected } from "./ingress-client.ts";
import type { Progress } from "./progress.ts";
import { writeState, type UpState } from "./state.ts";
import { signToken } from "../../testkit/sign-token.ts";

export const OPERATOR_NAMESPACE = "realtime-system";
export const EXAMPLE = {
  namespace: "apps",
  name: "minimal",
  host: "minimal.realtime.test",
  secret: "minimal-jwt",
} as const;

export async function up(
  provider: ClusterProvider,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  print: (line: string) => void,
): Promise<void> {
  await progress.step("bundling the operator and the gateway", "3 s", async () => {
    for (const workspace of ["operator", "server"]) await run("npm", ["run", "-s", "build", "--workspace", workspace]);
  });
  const programs = await progress.step(
    `starting the ${provider.kind} cluster`,
    "10 s; 7 to 10 min when Kubernetes has to be built first",
    () => provider.start(progress),
  );
  const kubectl = (args: readonly string[], input = "") =>
    run(programs.kubectl, [`--kubeconfig=${programs.kubeconfig}`, ...args], { input });
  const images = await progress.step("images of the operator and the gateway", "5 s", () => loadImages(provider, env));
  const state: UpState = {
    cluster: provider.kind,
    ...programs,
    ingressAddress: (
      await kubectl(["get", "nodes", "-o", "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}"])
    ).trim(),
    operatorImage: images.operator,
    gatewayImage: images.gateway,
    redisImage: provider.redisImage,
  };
  writeState(env, state);
  await progress.step("helm upgrade --install realtime-operator", "10 s", () => installOperator(state));
  await progress.step(`applying examples/minimal and waiting until it is Ready`, "20 s", async () => {
    await applyNamespace(state, EXAMPLE.namespace);
    await ensureJwtSecret(state, EXAMPLE.namespace, EXAMPLE.secret);
    await kubectl(["apply", "--server-side", "--namespace", EXAMPLE.namespace, "-f", "examples/minimal/cluster.yaml"]);
    // The cluster of an earlier run is Ready with the earlier image, until the new operator has seen it.
    const image = () =>
      kubectl([
        "--namespace",
        EXAMPLE.namespace,
        "get",
        "deployment",
        `${EXAMPLE.name}-server`,
        "-o",
        "jsonpath={.spec.template.spec.containers[0].image}",
      ]);
    await until(
      "the operator to take up the gateway's image",
      async () => (await image()) === state.gatewayImage,
      60_000,
      250,
    );
    await waitReady(state, EXAMPLE.namespace, EXAMPLE.name);
  });
  const secret = await secretValue(state, EXAMPLE.namespace, EXAMPLE.secret, "secret");
  const token = await signToken(secret, { sub: "you", rooms: ["*"], lifetimeSeconds: 24 * 3600 });
  const welcome = await progress.step(
    `connecting a Socket.IO client through the ingress at ${state.ingressAddress}`,
    "1 s",
    () => firstConnection(state, token),
  );
  print(summary(state, token, welcome));
}

async function loadImages(
  provider: ClusterProvider,
  env: NodeJS.ProcessEnv,
): Promise<{ operator: string; gateway: string }> {
  const given = { operator: env["OPERATOR_IMAGE"], gateway: env["GATEWAY_IMAGE"] };
  const load = (workspace: string) =>
    withAppImage(workspace, async (image) => {
      await provider.load(image, workspace);
      return image.reference;
    });
  return { operator: given.operator ?? (await load("operator")), gateway: given.gateway ?? (await load("server")) };
}

export interface OperatorRelease {
  name: string;
  namespace: string;
  /** Folder of the chart. */
  chart: string;
}

export const RELEASE: OperatorRelease = {
  name: "realtime-operator",
  namespace: OPERATOR_NAMESPACE,
  chart: "charts/realtime-operator",
};

/** Installs or upgrades the release and waits until the operator is available. `set` are more --set values. */
export async function installOperator(state: UpState, release = RELEASE, set: readonly string[] = []): Promise<void> {
  const [operator, gateway] = [splitReference(state.operatorImage), splitReference(state.gatewayImage)];
  const values = [
    `image.repository=${operator.repository}`,
    `image.tag=${operator.tag}`,
    `gateway.image.repository=${gateway.repository}`,
    `gateway.image.tag=${gateway.tag}`,
    `redis.image=${state.redisImage}`,
    // What was built is what is to run.
    "upgrade=Automatic",
    ...set,
  ];
  await applyNamespace(state, release.namespace);
  await run(
    state.helm,
    [
      "upgrade",
      "--install",
      release.name,
      release.chart,
      "--namespace",
      release.namespace,
      "--wait",
      "--timeout",
      "120s",
      ...values.flatMap((value) => ["--set", value]),
    ],
    { env: { ...process.env, KUBECONFIG: state.kubeconfig } },
  );
}

function splitReference(reference: string): { repository: string; tag: string } {
  const colon = reference.lastIndexOf(":");
  if (colon <= reference.lastIndexOf("/")) throw new Error(`image ${reference} has no tag: write it as repository:tag`);
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** A namespace in which only pods of the restricted Pod Security standard may run. */
export async function applyNamespace(state: UpState, name: string): Promise<void> {
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
  await run(state.kubectl, [`--kubeconfig=${state.kubeconfig}`, "apply", "--server-side", "-f", "-"], {
    input: JSON.stringify(namespace),
  });
}

/** Makes the Secret that tokens are signed with, once; one that is there is kept. */
export async function ensureJwtSecret(state: UpState, namespace: string, name: string): Promise<void> {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    stringData: { secret: randomBytes(32).toString("base64url") },
  };
  await run(state.kubectl, [`--kubeconfig=${state.kubeconfig}`, "create", "-f", "-"], {
    input: JSON.stringify(secret),
  }).catch((error: Error) => {
    if (!error.message.includes("AlreadyExists")) throw error;
  });
}

export async function secretValue(state: UpState, namespace: string, name: string, key: string): Promise<string> {
  const encoded = await run(state.kubectl, [
    `--kubeconfig=${state.kubeconfig}`,
    "--namespace",
    namespace,
    "get",
    "secret",
    name,
    "-o",
    `jsonpath={.data.${key}}`,
  ]);
  return Buffer.from(encoded, "base64").toString();
}

/** Waits until the cluster's Ready condition is true for its newest generation; on the deadline, says what its conditions say. */
export async function waitReady(state: UpState, namespace: string, name: string, deadlineMs = 120_000): Promise<void> {
  const get = async () =>
    JSON.parse(
      await run(state.kubectl, [
        `--kubeconfig=${state.kubeconfig}`,
        "--namespace",
        namespace,
        "get",
        "rtc",
        name,
        "-o",
        "json",
      ]),
    ) as ReadyView;
  try {
    await until(`RealtimeCluster ${namespace}/${name} to be Ready`, async () => isReady(await get()), deadlineMs, 250);
  } catch (error) {
    const conditions = ((await get()).status?.conditions ?? []).map(
      ({ type, status, reason, message }) => `  ${type}=${status} ${reason ?? ""}: ${message ?? ""}`,
    );
    throw new Error(`RealtimeCluster ${namespace}/${name} is not Ready:\n${conditions.join("\n")}`, { cause: error });
  }
}

interface ReadyView {
  metadata: { generation: number };
  status?: {
    observedGeneration?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

function isReady({ metadata, status }: ReadyView): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    status.conditions?.find(({ type }) => type === "Ready")?.status === "True"
  );
}

async function firstConnection(state: UpState, token: string): Promise<{ socketId: string }> {
  const client = clientOf({ host: EXAMPLE.host, ingressAddress: state.ingressAddress, token });
  const welcome = new Promise<{ socketId: string }>((resolve) => client.once("connected", resolve));
  await connected(client);
  const answer = await welcome;
  client.disconnect();
  return answer;
}

function summary(state: UpState, token: string, { socketId }: { socketId: string }): string {
  return `
A client connected through the ingress, as socket ${socketId}. What is running:

  URL         http://${EXAMPLE.host}  (namespaces /events and /messaging; the ingress answers at ${state.ingressAddress}:80)
  token       ${token}
  kubeconfig  export KUBECONFIG=${state.kubeconfig} PATH=${state.kubectl.replace(/\/?kubectl$/, "") || "."}:$PATH

Next:

  kubectl -n ${EXAMPLE.namespace} get rtc,pods                       what the operator made of examples/minimal
  kubectl -n ${EXAMPLE.namespace} scale rtc/${EXAMPLE.name} --replicas=3       a third gateway; live clients stay where they are
  kubectl -n ${EXAMPLE.namespace} edit rtc/${EXAMPLE.name}                     change spec.limits: running pods follow, nobody is disconnected

make status shows this again, make down removes everything.`;
}
