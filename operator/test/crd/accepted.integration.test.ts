import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { withDefaults } from "../../src/api/with-defaults.ts";
import { selectorOf, selectorText } from "../../src/manifests/shared/labels.ts";
import { goldenCases } from "../manifests/golden-case.ts";
import { goodClientSpecs } from "./good-client-specs.ts";
import { goodHandlerSpecs } from "./handler-specs.ts";
import { crdFile, startApiServer, type ApiServer } from "./api-server.ts";

const examplesFolder = join(import.meta.dirname, "../../../examples");
const examples = readdirSync(examplesFolder).map((name) => ({
  name,
  written: parse(readFileSync(join(examplesFolder, name, "cluster.yaml"), "utf8")) as RealtimeCluster,
}));
const named = (spec: object) => ({
  apiVersion: "realtime.dev/v1beta1",
  kind: "RealtimeCluster",
  metadata: { name: "chat", namespace: "default" },
  spec,
});
const jwt = { auth: { jwt: { secret: { name: "chat-jwt" } } } };

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
}, 900_000);
afterAll(() => server.stop());

test("the CRD is structural and below 100 kB (the annotation of kubectl apply, etcd's limit)", async () => {
  expect(statSync(crdFile).size).toBeLessThan(100_000);
  const { status } = JSON.parse(
    await server.kubectl(["get", "crd", "realtimeclusters.realtime.dev", "-o", "json"]),
  ) as { status: { conditions: { type: string; status: string }[] } };
  const conditions = Object.fromEntries(status.conditions.map(({ type, status: holds }) => [type, holds]));
  expect(conditions).toEqual({ NamesAccepted: "True", Established: "True" });
});

describe("is accepted with the defaults of withDefaults:", () => {
  const inDefaultNamespace = ({ name, written }: { name: string; written: RealtimeCluster }) => ({
    name,
    written: { ...written, metadata: { ...written.metadata, namespace: "default" } },
  });

  test.each(
    [
      ...examples.map(({ name, written }) => ({ name: `example ${name}`, written })),
      ...goldenCases.map(({ name, written }) => ({ name: `golden case ${name}`, written })),
    ].map(inDefaultNamespace),
  )("$name", async ({ written }) => {
    expect(await server.attempt("create", written)).toMatchObject({ stored: { spec: withDefaults(written).spec } });
  });

  test.each([
    ...[...goodClientSpecs, ...goodHandlerSpecs].map(({ name, spec }) => ({ name, spec: { ...jwt, ...spec } })),
    {
      name: "null for a field with a default",
      spec: { ...jwt, limits: null, origins: null, exposure: null, drain: { timeoutSeconds: null } },
    },
    {
      name: "null for a field without a default",
      spec: {
        ...jwt,
        imagePullSecrets: null,
        autoscaling: null,
        podPatch: null,
        resources: { requests: null, limits: { cpu: null, memory: "1Gi" } },
      },
    },
    {
      name: "null inside podPatch, which removes a field",
      spec: {
        ...jwt,
        podPatch: { spec: { securityContext: { runAsUser: null }, containers: [{ name: "gateway", args: null }] } },
      },
    },
    {
      name: "list items with defaults",
      spec: {
        ...jwt,
        redis: { type: "External", external: { urlSecret: { name: "r" } } },
        monitoring: { serviceMonitor: {} },
      },
    },
  ])("$name", async ({ spec }) => {
    const answer = await server.attempt("create", named(spec));
    expect(answer).toEqual({ stored: expect.objectContaining({ spec: withDefaults(named(spec)).spec }) as unknown });
  });

  test("null inside podPatch, also by server-side apply as Argo CD and Flux use it", async () => {
    const input = JSON.stringify(named({ ...jwt, podPatch: { spec: { securityContext: { runAsUser: null } } } }));
    const stored = JSON.parse(
      await server.kubectl(["apply", "--server-side", "--dry-run=server", "-o", "json", "-f", "-"], { input }),
    ) as RealtimeCluster;
    expect(stored.spec.podPatch).toEqual({ spec: { securityContext: { runAsUser: null } } });
  });
});

describe("a stored cluster", () => {
  beforeAll(async () => {
    await server.kubectl(["create", "-f", "-"], { input: JSON.stringify(named({ ...jwt, replicas: 3 })) });
    const status = {
      replicas: 3,
      readyReplicas: 2,
      selector: selectorText(selectorOf({ metadata: { name: "chat", namespace: "default", uid: "" } }, "server")),
      url: "https://chat.example.com",
      connections: { total: 1200 },
      conditions: [
        {
          type: "Ready",
          status: "False",
          reason: "PodsNotReady",
          message: "One pod is not ready",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        },
      ],
    };
    await server.kubectl([
      "patch",
      "rtc",
      "chat",
      "--subresource=status",
      "--type=merge",
      "--patch",
      JSON.stringify({ status }),
    ]);
  });

  test("has /scale with a selector, and kubectl scale writes spec.replicas", async () => {
    const raw = await server.kubectl([
      "get",
      "--raw=/apis/realtime.dev/v1beta1/namespaces/default/realtimeclusters/chat/scale",
    ]);
    const selector =
      "app.kubernetes.io/component=server,app.kubernetes.io/instance=chat,app.kubernetes.io/name=realtime-gateway";
    expect(JSON.parse(raw)).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 3, selector } });
    await server.kubectl(["scale", "rtc/chat", "--replicas=5"]);
    expect(await server.kubectl(["get", "rtc", "chat", "-o", "jsonpath={.spec.replicas}"])).toBe("5");
    await server.kubectl(["scale", "rtc/chat", "--replicas=3"]);
  });

  test("shows its state in one line of kubectl get", async () => {
    const [header, row] = (await server.kubectl(["get", "rtc"])).trim().split("\n");
    expect(header?.split(/\s+/)).toEqual(["NAME", "READY", "DESIRED", "PODS", "CONNECTIONS", "URL", "AGE"]);
    expect(row?.split(/\s+/).slice(0, 6)).toEqual(["chat", "False", "3", "2", "1200", "https://chat.example.com"]);
    expect(await server.kubectl(["get", "rtc", "-o", "wide"])).toMatch(/PodsNotReady/);
    expect(await server.kubectl(["get", "all"])).toMatch(/realtimecluster\.realtime\.dev\/chat/);
  });

  // kstatus regards a resource without status as ready. So the CRD has a default status. Without it, Flux and `helm
  // --wait` would continue before the operator's first pass.
  test("has observedGeneration -1 before the operator's first pass", async () => {
    const unseen = { ...named(jwt), metadata: { name: "unseen", namespace: "default" } };
    await server.kubectl(["create", "-f", "-"], { input: JSON.stringify(unseen) });
    expect(await server.kubectl(["get", "rtc", "unseen", "-o", "jsonpath={.status}"])).toBe(
      '{"observedGeneration":-1}',
    );
  });

  test("changes neither its status by a write of the spec nor its spec by a write of the status", async () => {
    await server.kubectl([
      "patch",
      "rtc",
      "chat",
      "--type=merge",
      "--patch",
      JSON.stringify({ status: { url: "https://forged.example.com" } }),
    ]);
    expect(await server.kubectl(["get", "rtc", "chat", "-o", "jsonpath={.status.url}"])).toBe(
      "https://chat.example.com",
    );
    await server.kubectl([
      "patch",
      "rtc",
      "chat",
      "--subresource=status",
      "--type=merge",
      "--patch",
      JSON.stringify({ spec: { replicas: 9 } }),
    ]);
    expect(await server.kubectl(["get", "rtc", "chat", "-o", "jsonpath={.spec.replicas}"])).toBe("3");
  });
});
