import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { startControlPlane, type ControlPlane } from "./control-plane.ts";
import { until } from "../until.ts";

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane({ auditLog: "on" });
}, 900_000);
afterAll(() => cluster.stop());

test("runs the pinned Kubernetes version and its controllers", async () => {
  expect(JSON.parse(await cluster.kubectl(["get", "--raw=/version"]))).toMatchObject({ gitVersion: "v1.35.4" });
  await cluster.kubectl(["create", "deployment", "probe", "--image=example.test/none:1"]);
  const pods = await until(
    "the Deployment's pod",
    async () => (await cluster.kubectl(["get", "pods", "-l", "app=probe", "-o", "name"])) || undefined,
    60_000,
  );
  expect(pods).toMatch(/^pod\/probe-/);
});

test("keeps data and audit log when the API server crashes and starts again", async () => {
  await cluster.kubectl(["create", "configmap", "kept", "--from-literal=a=b"]);
  await cluster.stopApiServer();
  await expect(cluster.kubectl(["get", "configmap", "kept", "--request-timeout=2s"])).rejects.toThrow(
    /refused|connect/,
  );
  await cluster.startApiServer();
  expect(await cluster.kubectl(["get", "configmap", "kept", "-o", "jsonpath={.data.a}"])).toBe("b");
  expect(readFileSync(cluster.auditLog, "utf8")).toContain('"name":"kept"');
}, 60_000);

test("removes its folder when it is stopped, and may be stopped twice", async () => {
  const other = await startControlPlane({ controllers: "none" });
  await other.stop();
  await other.stop();
  expect(existsSync(other.kubeconfig)).toBe(false);
}, 60_000);
