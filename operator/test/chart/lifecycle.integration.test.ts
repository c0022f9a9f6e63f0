import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import { chart, helm, installHelm } from "./helm.ts";

const example = readFileSync(join(import.meta.dirname, "../../../examples/minimal/cluster.yaml"), "utf8");
const crd = "crd/realtimeclusters.realtime.dev";

let plane: ControlPlane;
beforeAll(async () => {
  await installHelm();
  plane = await startControlPlane({ controllers: "none" });
}, 900_000);
afterAll(() => plane.stop());

const release = (verb: "install" | "upgrade", ...args: readonly string[]) =>
  helm([
    verb,
    "realtime",
    chart,
    "--namespace",
    "realtime-system",
    "--create-namespace",
    "--kubeconfig",
    plane.kubeconfig,
    ...args,
  ]);
const uninstall = () =>
  helm(["uninstall", "realtime", "--namespace", "realtime-system", "--kubeconfig", plane.kubeconfig]);
const exists = async (...args: readonly string[]) =>
  (await plane.kubectl(["get", ...args, "--ignore-not-found", "-o", "name"])).trim() !== "";

test("uninstall keeps the definition and the clusters, and the next install adopts them", async () => {
  await release("install");
  await until("the definition to be served", () => plane.kubectl(["get", "rtc"]), 60_000);
  await plane.kubectl(["create", "-f", "-"], { input: example });
  await uninstall();
  expect(await exists("deployment", "-n", "realtime-system", "realtime-realtime-operator")).toBe(false);
  expect(await exists("rtc", "minimal")).toBe(true);
  await release("install");
  expect(await exists("rtc", "minimal")).toBe(true);
}, 120_000);

test("upgrade restores an edited definition and keeps the clusters", async () => {
  const paused = ".spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.paused";
  const patch = [{ op: "remove", path: paused.replaceAll(/[.[\]]+/g, "/") }];
  await plane.kubectl(["patch", crd, "--type=json", "--patch", JSON.stringify(patch)]);
  await release("upgrade", "--set", "replicas=2", "--force-conflicts");
  expect(await plane.kubectl(["get", crd, "-o", `jsonpath={${paused}.description}`])).toMatch(/changes no object/);
  expect(await exists("rtc", "minimal")).toBe(true);
  expect(await exists("poddisruptionbudget", "-n", "realtime-system", "realtime-realtime-operator")).toBe(true);
}, 120_000);

test("uninstall deletes the definition and every cluster only with crd.keep=false", async () => {
  await release("upgrade", "--set", "crd.keep=false", "--force-conflicts");
  await uninstall();
  await until("the definition to be gone", async () => !(await exists(crd)), 60_000);
}, 120_000);
