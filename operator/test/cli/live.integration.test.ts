// The commands that read Kubernetes, on a real API server without controllers. HTTP servers stand in for gateways.
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realtimeClusters, type RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { resourceOf, resources } from "../../src/api/resources.ts";
import { liveFacts, releaseOf } from "../../src/cli/cluster-facts.ts";
import { connect, type ConnectedKube } from "../../src/kube/http/connect.ts";
import { labelsOf } from "../../src/manifests/shared/labels.ts";
import { desired } from "../../src/reconcile/desired.ts";
import { stamped } from "../../src/reconcile/drift/in-sync.ts";
import { inputsOf } from "../../src/reconcile/inputs-of.ts";
import { startApiServer, type ApiServer } from "../crd/api-server.ts";
import { standInPods } from "../support/stand-in-pods.ts";
import { Stage } from "./transcript.ts";

let server: ApiServer;
let connected: ConnectedKube;
let standIns: ReturnType<typeof standInPods>;
const standInPorts = new Map<string, number>();
const stage = new Stage();

const chat = (more = "") =>
  `apiVersion: realtime.dev/v1beta1\nkind: RealtimeCluster\nmetadata: { name: chat }\nspec:\n  auth: { jwt: { secret: { name: chat-jwt } } }\n${more}`;
const run = async (line: string, file = chat()) => {
  stage.files.set("chat.yaml", file);
  const { pods } = connected;
  // Gateways all have port 9090; stand-ins share one address, so each has a port of its own.
  const own: ConnectedKube["pods"] = {
    ask: (pod, request, signal) => pods.ask({ ...pod, port: standInPorts.get(pod.name) ?? pod.port }, request, signal),
  };
  return stage.run(line.split(" "), { connect: () => ({ ...connected, pods: own }) });
};

beforeAll(async () => {
  server = await startApiServer();
  connected = connect({ kubeconfig: server.kubeconfig });
  standIns = standInPods(connected.kube);
  // Pods need a ServiceAccount, which no controller creates here.
  await connected.kube.apply(resources.serviceAccounts, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace: "default" },
  });
  await connected.kube.apply(resources.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "chat-jwt", namespace: "default" },
    data: { secret: Buffer.from("0123456789abcdef".repeat(2)).toString("base64") },
  });
}, 900_000);
beforeEach(standing);
afterAll(async () => {
  await standIns.stop();
  await server.stop();
});

test("diff shows a new cluster in full and writes nothing", async () => {
  const { out, error, code } = await run("diff -f chat.yaml", chat().replace("name: chat }", "name: fresh }"));
  expect(code).toBe(1);
  expect(out).toContain("--- /dev/null\n+++ RealtimeCluster default/fresh\n");
  expect(out).toContain("+++ Deployment default/fresh-server\n");
  expect(out).not.toMatch(/drawn-at-random|managedFields|resourceVersion/);
  expect(error).toBe("fresh: it does not exist yet and would be made\n");
  expect(await connected.kube.get(realtimeClusters, "default", "fresh")).toBeUndefined();
  expect(await connected.kube.get(resources.deployments, "default", "fresh-server")).toBeUndefined();
});

test("diff prints nothing and exits with 0 when the file is applied already", async () => {
  expect(await run("diff -f chat.yaml")).toMatchObject({ out: "", error: "chat: nothing would change\n", code: 0 });
});

test("diff says that no pod restarts when a live field changes", async () => {
  const { out, error, code } = await run("diff -f chat.yaml", chat("  limits: { maxConnections: 20000 }\n"));
  expect(code).toBe(1);
  expect(out.match(/^\+\+\+ .*$/gm)).toEqual(["+++ RealtimeCluster default/chat", "+++ ConfigMap default/chat-server"]);
  expect(out).toContain("-    maxConnections: 10000\n+    maxConnections: 20000\n");
  expect(error).toBe(
    "chat: 2 objects would change; no pod would restart, running gateways take the change over at once\n",
  );
});

test("diff says how pods are replaced when a rolling field changes", async () => {
  const { out, error } = await run("diff -f chat.yaml", chat("  transports: [websocket, polling]\n"));
  expect(out.match(/^\+\+\+ .*$/gm)).toEqual([
    "+++ RealtimeCluster default/chat",
    "+++ Service default/chat-server",
    "+++ Deployment default/chat-server",
  ]);
  expect(error).toBe(
    "chat: 3 objects would change; gateway pods would be replaced one by one, their connections moved at 100 a second\n",
  );
});

test("diff compares with the pending upgrade, or with the image given by --gateway-image", async () => {
  const { kube } = connected;
  const status = { upgrade: { gatewayImage: "gateway:waits" } };
  const report = (body: object) =>
    kube.apply(
      realtimeClusters,
      {
        apiVersion: "realtime.dev/v1beta1",
        kind: "RealtimeCluster",
        metadata: { name: "chat", namespace: "default" },
        status: body,
      },
      { subresource: "status" },
    );
  await report(status);
  expect(await run("diff -f chat.yaml")).toMatchObject({ out: "", code: 0 });
  const { out, error } = await run("diff -f chat.yaml", chat("  upgrade: Automatic\n"));
  expect(out.match(/^\+\+\+ .*$/gm)).toEqual([
    "+++ RealtimeCluster default/chat",
    "+++ Deployment default/chat-server",
  ]);
  expect(out).toContain("+          image: gateway:waits\n");
  expect(error).toBe(
    "chat: 2 objects would change; gateway pods would be replaced one by one, their connections moved at 100 a second\n",
  );
  expect((await run("diff -f chat.yaml --gateway-image gateway:named", chat("  upgrade: Automatic\n"))).out).toContain(
    "+          image: gateway:named\n",
  );
  expect(await run("diff -f chat.yaml --gateway-image gateway:named")).toMatchObject({ out: "", code: 0 });
  await report({});
});

test("diff shows an object as removed when its field is switched off", async () => {
  const { out } = await run("diff -f chat.yaml", chat("  networkPolicy: { enabled: false }\n"));
  expect(out).toContain("--- NetworkPolicy default/chat-server\n+++ /dev/null\n");
});

test("diff shows a Redis that will be removed and what happens to its data", async () => {
  const { out, error } = await run("diff -f chat.yaml", chat("  replicas: 1\n  redis: { type: None }\n"));
  expect(out).toContain("--- StatefulSet default/chat-redis\n+++ /dev/null\n");
  expect(error).toContain("; Redis would go when no gateway uses it any more, its volumes with it\n");
});

test("diff says when an object waits for its kind", async () => {
  const { error } = await run("diff -f chat.yaml", chat("  monitoring: { serviceMonitor: { enabled: true } }\n"));
  expect(error).toContain("chat: ServiceMonitor chat-server would wait: the API server has no such kind\n");
});

test("diff shows that the operator will revert a manual edit", async () => {
  await server.kubectl([
    "patch",
    "service",
    "chat-server",
    "--type=merge",
    "-p",
    '{"spec":{"sessionAffinity":"ClientIP"}}',
  ]);
  const { out, error } = await run("diff -f chat.yaml");
  expect(out).toContain("-  sessionAffinity: ClientIP\n");
  expect(error).toBe("chat: 1 object would change; no pod would restart\n");
});

test("diff names a foreign object that has the name of a child", async () => {
  const { kube } = connected;
  await kube.apply(
    resources.configMaps,
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "other-server", namespace: "default" },
      data: { theirs: "yes" },
    },
    { fieldManager: "somebody" },
  );
  const { out, error, code } = await run("diff -f chat.yaml", chat().replace("name: chat }", "name: other }"));
  expect(code).toBe(1);
  expect(error).toContain(
    "other: the operator would not act: ConfigMap other-server exists and is not this cluster's (nobody owns it)\n",
  );
  expect(out).not.toContain("theirs");
});

test("diff exits with 2 and the API server's message when it refuses the file", async () => {
  const { error, code } = await run("diff -f chat.yaml", chat("  redis: { managed: { storage: 500Mi } }\n"));
  expect(code).toBe(2);
  expect(error).toContain("spec.redis.managed.storage can only grow");
});

test("validate --server compares with the stored cluster", async () => {
  const smaller = chat("  redis: { managed: { storage: 500Mi } }\n");
  expect(await run("validate -f chat.yaml", smaller)).toMatchObject({ code: 0 });
  expect(await run("validate --server -f chat.yaml", smaller)).toMatchObject({
    error:
      "chat.yaml: spec.redis.managed: Invalid value: spec.redis.managed.storage can only grow: keep its old size or more\n",
    code: 1,
  });
  expect(await run("validate --server -f chat.yaml")).toMatchObject({ code: 0 });
});

test("render --kube has the existing owner and the tokens in use", async () => {
  const { out } = await run("render --kube --show-secrets -f chat.yaml");
  const { metadata } = (await connected.kube.get(realtimeClusters, "default", "chat")) as RealtimeCluster;
  expect(out).toContain(`uid: ${metadata.uid}`);
  expect(out).toContain(Buffer.from("token-in-use").toString("base64"));
});

test("status shows what each gateway reports, through the API server", async () => {
  const cluster = (await connected.kube.get(realtimeClusters, "default", "chat")) as RealtimeCluster;
  const health = {
    status: "ok",
    connections: 12,
    bus: { phase: "up" },
    cluster: { limits: "exact" },
    drain: { isDraining: false },
  };
  let drained = 12;
  const pod = await standIns.run(
    "default",
    "chat-server-a",
    ({ path, headers }) => {
      if (path === "/drain")
        return headers?.["x-realtime-token"] === "token-in-use"
          ? { status: 202, body: {} }
          : { status: 401, body: { error: "the bearer token is missing or wrong" } };
      return {
        status: 200,
        body:
          drained === 12
            ? health
            : { ...health, connections: drained, drain: { isDraining: true, connectionsLeft: drained } },
      };
    },
    labelsOf(cluster, "server"),
  );
  standInPorts.set(pod.name, pod.port);
  expect((await run("status chat")).out).toMatch(/chat-server-a {3}yes {5}12 {12}serving/);
  stage.onWait = () => void (drained = Math.max(0, drained - 6));
  drained = 11;
  expect(await run("drain chat-server-a")).toMatchObject({
    code: 0,
    out: "chat-server-a: 11 connections left\nchat-server-a: 5 connections left\nchat-server-a: 0 connections left\n",
  });
});

test.each(["bash"])("the completion for %s completes commands, options and choices in a real shell", async (shell) => {
  const folder = mkdtempSync(join(tmpdir(), "realtime-completion-"));
  try {
    writeFileSync(join(folder, "script"), (await stage.run(["completion", shell])).out);
    const complete = (...words: string[]) =>
      execFileSync(
        shell,
        [
          "--norc",
          "-c",
          `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _realtime; echo "\${COMPREPLY[@]}"`,
          "sh",
          join(folder, "script"),
          "realtime",
          ...words,
        ],
        { encoding: "utf8" },
      ).trim();
    expect(complete("st")).toBe("status");
    expect(complete("validate", "--se")).toBe("--server");
    expect(complete("status", "-o", "w")).toBe("wide");
    expect(complete("completion", "")).toBe("bash zsh fish");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Applies the cluster and all its children as the operator would. */
async function standing(): Promise<void> {
  const { kube } = connected;
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
  const inputs = { ...inputsOf(facts), secrets: { redisPassword: "password-in-use", adminToken: "token-in-use" } };
  for (const manifest of desired(cluster, inputs)) await kube.apply(resourceOf(manifest), stamped(manifest));
}
