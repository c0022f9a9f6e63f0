// Runs the commands that read Kubernetes, with a real API server but without controllers. HTTP servers replace the
// gateways.
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { realtimeClusters, type RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { resources } from "../../src/api/resources.ts";
import { chat, startLiveStage, type LiveStage } from "./live-stage.ts";

let stage: LiveStage;
beforeAll(async () => {
  stage = await startLiveStage();
}, 900_000);
beforeEach(() => stage.reset());
afterAll(() => stage.stop());
const run = (line: string, file?: string) => stage.run(line, file);

test("diff shows a new cluster in full and writes nothing", async () => {
  const { out, error, code } = await run("diff -f chat.yaml", chat().replace("name: chat }", "name: fresh }"));
  expect(code).toBe(1);
  expect(out).toContain("--- /dev/null\n+++ RealtimeCluster default/fresh\n");
  expect(out).toContain("+++ Deployment default/fresh-server\n");
  expect(out).not.toMatch(/drawn-at-random|managedFields|resourceVersion/);
  expect(error).toBe("fresh: it does not exist yet and would be created\n");
  expect(await stage.connected.kube.get(realtimeClusters, "default", "fresh")).toBeUndefined();
  expect(await stage.connected.kube.get(resources.deployments, "default", "fresh-server")).toBeUndefined();
});

test("diff prints nothing and exits with 0 when the file is applied already", async () => {
  expect(await run("diff -f chat.yaml")).toMatchObject({ out: "", error: "chat: nothing would change\n", code: 0 });
});

test("diff says that no pod restarts when a live field changes", async () => {
  const { out, error, code } = await run("diff -f chat.yaml", chat("  limits: { maxConnections: 20000 }\n"));
  expect(code).toBe(1);
  expect(out.match(/^\+\+\+ .*$/gm)).toEqual(["+++ RealtimeCluster default/chat", "+++ ConfigMap default/chat-server"]);
  expect(out).toContain("-    maxConnections: 10000\n+    maxConnections: 20000\n");
  expect(error).toBe("chat: 2 objects would change; no pod would restart, running gateways apply the change at once\n");
});

test("diff says how pods are replaced when a rolling field changes", async () => {
  const { out, error } = await run("diff -f chat.yaml", chat("  transports: [websocket, polling]\n"));
  expect(out.match(/^\+\+\+ .*$/gm)).toEqual([
    "+++ RealtimeCluster default/chat",
    "+++ Service default/chat-server",
    "+++ Deployment default/chat-server",
  ]);
  expect(error).toBe(
    "chat: 3 objects would change; gateway pods would be replaced one by one: each connection moves 1.3 times on average, 100 a second\n",
  );
});

test("diff compares with the pending upgrade, or with the image given by --gateway-image", async () => {
  const { kube } = stage.connected;
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
    "chat: 2 objects would change; gateway pods would be replaced one by one: each connection moves 1.3 times on average, 100 a second\n",
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
  expect(error).toContain("; Redis would be deleted once no gateway uses it, and its volumes would be deleted too\n");
});

test("diff says when an object waits for its kind", async () => {
  const { error } = await run("diff -f chat.yaml", chat("  monitoring: { serviceMonitor: { enabled: true } }\n"));
  expect(error).toContain(
    "chat: ServiceMonitor chat-server would be created only after its kind is installed in this Kubernetes cluster\n",
  );
});

test("diff shows that the operator will revert a manual edit", async () => {
  await stage.server.kubectl([
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
  const { kube } = stage.connected;
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
    "other: the operator would apply nothing more: ConfigMap other-server exists and does not belong to this cluster (nobody owns it)\n",
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
  const { metadata } = (await stage.connected.kube.get(realtimeClusters, "default", "chat")) as RealtimeCluster;
  expect(out).toContain(`uid: ${metadata.uid}`);
  expect(out).toContain(Buffer.from("token-in-use").toString("base64"));
});
