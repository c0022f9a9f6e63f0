import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realtimeClusters, type RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { labelsOf } from "../../src/manifests/shared/labels.ts";
import { connect, type ConnectedKube } from "../../src/kube/http/connect.ts";
import { closeAfterEach } from "../../../testkit/close-after-each.ts";
import { kubeconfigText, pathPrefixProxy } from "../support/api-proxies.ts";
import { startLiveStage, type LiveStage } from "./live-stage.ts";

const keep = closeAfterEach();
let stage: LiveStage;
beforeAll(async () => {
  stage = await startLiveStage();
}, 900_000);
beforeEach(() => stage.reset());
afterAll(() => stage.stop());

const ways = [
  { through: "the API server", connection: async () => stage.connected },
  { through: "a proxy with a path prefix", connection: () => throughPathPrefix() },
];
test.each(ways)("status and drain reach the gateways through $through", async ({ connection }) => {
  const connected = await connection();
  const cluster = (await stage.connected.kube.get(realtimeClusters, "default", "chat")) as RealtimeCluster;
  const health = {
    status: "ok",
    connections: 12,
    bus: { phase: "up" },
    cluster: { limits: "exact" },
    drain: { isDraining: false },
  };
  let drained = 12;
  const pod = await stage.standIns.run(
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
  stage.standInPorts.set(pod.name, pod.port);
  expect((await stage.runThrough(connected, "status chat")).out).toMatch(/chat-server-a {3}yes {5}12 {12}serving/);
  stage.cli.onWait = () => void (drained = Math.max(0, drained - 6));
  drained = 11;
  expect(await stage.runThrough(connected, "drain chat-server-a")).toMatchObject({
    code: 0,
    out: "chat-server-a: 11 connections left\nchat-server-a: 5 connections left\nchat-server-a: 0 connections left\n",
  });
});

/** Connects to the same API server through a proxy as Rancher has it. */
async function throughPathPrefix(): Promise<ConnectedKube> {
  const proxy = await pathPrefixProxy(stage.server.kubeconfig, "/k8s/clusters/c-abc");
  const folder = mkdtempSync(join(tmpdir(), "realtime-proxy-"));
  keep(proxy, async () => {
    await proxy.stop();
    rmSync(folder, { recursive: true });
  });
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigText(proxy.cluster, { token: "rancher" }));
  return connect({ kubeconfig });
}

test.each(["bash"])("the completion for %s completes commands, options and choices in a real shell", async (shell) => {
  const folder = mkdtempSync(join(tmpdir(), "realtime-completion-"));
  try {
    writeFileSync(join(folder, "script"), (await stage.cli.run(["completion", shell])).out);
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
