import { realtimeClusters, type RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { resourceOf, resources } from "../../src/api/resources.ts";
import { liveFacts, releaseOf } from "../../src/cli/cluster-facts.ts";
import type { Kube } from "../../src/kube/kube.ts";
import { connect, type ConnectedKube } from "../../src/kube/http/connect.ts";
import { desired } from "../../src/reconcile/desired.ts";
import { stamped } from "../../src/reconcile/drift/in-sync.ts";
import { inputsOf } from "../../src/reconcile/inputs-of.ts";
import { startApiServer, type ApiServer } from "../crd/api-server.ts";
import { standInPods } from "../support/stand-in-pods.ts";
import { Stage } from "./transcript.ts";

/**
 * Runs the command line with a real API server. The API server has one cluster, "chat", and the cluster's objects as
 * the operator would create them.
 */
export interface LiveStage {
  server: ApiServer;
  /** A command line without files, for commands that read none. */
  cli: Stage;
  connected: ConnectedKube;
  standIns: ReturnType<typeof standInPods>;
  /** The ports of stand-in gateways, by pod name. */
  standInPorts: Map<string, number>;
  run(line: string, file?: string): ReturnType<Stage["run"]>;
  /** Runs a command with another connection to the same API server. */
  runThrough(through: ConnectedKube, line: string): ReturnType<Stage["run"]>;
  /** Applies the cluster and its children again, after a test has changed them. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** The text of the cluster's file. `more` is appended to its spec. */
export const chat = (more = "") =>
  `apiVersion: realtime.dev/v1beta1\nkind: RealtimeCluster\nmetadata: { name: chat }\nspec:\n  auth: { jwt: { secret: { name: chat-jwt } } }\n${more}`;

export async function startLiveStage(): Promise<LiveStage> {
  const server = await startApiServer();
  const connected = connect({ kubeconfig: server.kubeconfig });
  const standIns = standInPods(connected.kube);
  const standInPorts = new Map<string, number>();
  const stage = new Stage();
  await applyPrerequisites(connected.kube);
  const runThrough: LiveStage["runThrough"] = (through, line) => {
    // The API server forwards requests to port 9090 of each gateway. The stand-ins for gateways have the same IP
    // address, so each has its own port instead.
    const own: ConnectedKube["pods"] = {
      ask: (pod, request, signal) =>
        through.pods.ask({ ...pod, port: standInPorts.get(pod.name) ?? pod.port }, request, signal),
    };
    return stage.run(line.split(" "), { connect: async () => ({ ...through, pods: own }) });
  };
  return {
    ...{ server, cli: stage, connected, standIns, standInPorts, runThrough },
    async run(line, file = chat()) {
      stage.files.set("chat.yaml", file);
      return runThrough(connected, line);
    },
    reset: () => applyCluster(connected.kube),
    async stop() {
      await standIns.stop();
      await server.stop();
    },
  };
}

async function applyPrerequisites(kube: Kube): Promise<void> {
  // A pod needs a ServiceAccount. The controller that would create it does not run in this test.
  await kube.apply(resources.serviceAccounts, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace: "default" },
  });
  await kube.apply(resources.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "chat-jwt", namespace: "default" },
    data: { secret: Buffer.from("0123456789abcdef".repeat(2)).toString("base64") },
  });
}

/** Applies the cluster and all its children as the operator would. */
async function applyCluster(kube: Kube): Promise<void> {
  const written = {
    apiVersion: "realtime.dev/v1beta1",
    kind: "RealtimeCluster",
    metadata: { name: "chat", namespace: "default" },
    spec: { auth: { jwt: { secret: { name: "chat-jwt" } } } },
  };
  const cluster = (await kube.apply(realtimeClusters, written, { fieldManager: "kubectl" })) as RealtimeCluster;
  const facts = await liveFacts(
    kube,
    { cluster, stored: cluster, release: releaseOf({}, {}) },
    AbortSignal.timeout(20_000),
  );
  const inputs = {
    ...inputsOf(facts),
    secrets: {
      redisPassword: "password-in-use",
      adminToken: "token-in-use",
      publishToken: "publish-token-in-use",
      handlerSecret: "key-in-use",
    },
  };
  for (const manifest of desired(cluster, inputs)) await kube.apply(resourceOf(manifest), stamped(manifest));
}
