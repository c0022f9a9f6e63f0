import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { connectionTo } from "../operator/src/kube/http/connect.ts";
import { httpPodPortForward } from "../operator/src/kube/http/pod-port-forward.ts";
import { run } from "../testkit/run.ts";
import { startFleet, type Fleet } from "../testkit/cluster/fleet.ts";

let fleet: Fleet;
let folder: string;
beforeAll(async () => {
  fleet = await startFleet("cli-gateways");
  folder = mkdtempSync(join(tmpdir(), "realtime-cli-"));
}, 240_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await fleet.remove();
});

test("reads a gateway's health by port-forward through a real kubelet", async () => {
  const [pod] = await fleet.gateways();
  const pods = httpPodPortForward(connectionTo({ kubeconfig: fleet.state.kubeconfig }));
  const at = { namespace: fleet.namespace, name: pod?.metadata.name ?? "", port: 9090 };
  const { status, text } = await pods.ask(at, { method: "GET", path: "/api/websocket/health" });
  // A gateway that waits for Redis on a busy machine is degraded, and answers too.
  const body = { status: expect.stringMatching(/^(ok|degraded)$/) };
  expect({ status, body: JSON.parse(text) as unknown }).toMatchObject({ status: 200, body });
  await expect(pods.ask({ ...at, port: 1 }, { method: "GET", path: "/" })).rejects.toMatchObject({ status: 503 });
}, 60_000);

/** Writes a kubeconfig for a ServiceAccount that is allowed to use port-forward, but not pods/proxy. */
async function kubeconfigWithoutProxy(): Promise<string> {
  const name = "port-forward-only";
  const rules = [
    { apiGroups: ["realtime.dev"], resources: ["realtimeclusters"], verbs: ["get", "list"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
    { apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"] },
  ];
  const { namespace } = fleet;
  const metadata = { name, namespace };
  const group = "rbac.authorization.k8s.io";
  await fleet.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata });
  await fleet.apply({ apiVersion: `${group}/v1`, kind: "Role", metadata, rules });
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const roleRef = { apiGroup: group, kind: "Role", name };
  await fleet.apply({ apiVersion: `${group}/v1`, kind: "RoleBinding", metadata, roleRef, subjects });
  const token = (await fleet.kubectl(["create", "token", name])).trim();
  const config = parse(readFileSync(fleet.state.kubeconfig, "utf8")) as { users: { user: object }[] };
  for (const entry of config.users) entry.user = { token };
  const file = join(folder, "kubeconfig");
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

test("realtime status shows every gateway's connections without permission for pods/proxy", async () => {
  const kubeconfig = await kubeconfigWithoutProxy();
  const args = ["operator/src/main.ts", "status", fleet.name, "-n", fleet.namespace, "--kubeconfig", kubeconfig];
  const output = await run(process.execPath, [...args, "-o", "json"]);
  const { gateways } = JSON.parse(output) as { gateways: { connections?: number }[] };
  expect(gateways).toHaveLength((await fleet.gateways()).length);
  expect(gateways.map(({ connections }) => typeof connections)).toEqual(gateways.map(() => "number"));
}, 60_000);
