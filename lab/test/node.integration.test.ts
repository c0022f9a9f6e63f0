import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layoutOf, type Layout } from "../src/node/layout.ts";
import { livingFirstProcess } from "../src/node/namespaces.ts";
import { kubectl, prepareNode, startNode, stopNode } from "../src/node/node-cluster.ts";
import { placesOf } from "../../testkit/programs/places.ts";
import { until } from "../../testkit/until.ts";
import { processesOf, tracesOnMachine } from "./support/traces.ts";

const places = { ...placesOf(process.env), state: mkdtempSync(join(tmpdir(), "lab-node-test-")) };
const said: string[] = [];
const say = (line: string) => void said.push(line);
// Choose indexes that no running cluster uses: `make up` or another test may have started some.
const [index = 9, otherIndex = 8] = [9, 8, 7, 6, 5].filter((number) => !existsSync(`/sys/class/net/rtlab${number}`));
let runtime: string;
let before: Record<string, string[]>;
let layout: Layout;
const network = (node: Layout) => readlinkSync(`/proc/${livingFirstProcess(node) ?? 0}/ns/net`);

beforeAll(async () => {
  ({ runtime } = await prepareNode(places, say));
  before = await tracesOnMachine(runtime);
  layout = await startNode(places, index, say);
}, 900_000);
afterAll(async () => {
  for (const number of [index, otherIndex]) await stopNode(places, number);
  rmSync(places.state, { recursive: true, force: true });
});

test("runs the pinned Kubernetes version with the definitions of optional objects", async () => {
  expect(
    await kubectl(layout, places, ["get", "node", layout.nodeName, "-o", "jsonpath={.status.nodeInfo.kubeletVersion}"]),
  ).toBe("v1.35.4");
  const definitions = await kubectl(layout, places, ["get", "crd", "-o", "name"]);
  for (const name of [
    "servicemonitors.monitoring.coreos.com",
    "prometheusrules.monitoring.coreos.com",
    "httproutes.gateway.networking.k8s.io",
  ])
    expect(definitions).toContain(name);
});

test("reaches a restricted pod with a volume by its address, Service, Ingress and HTTPRoute", async () => {
  await kubectl(
    layout,
    places,
    ["apply", "--server-side", "-f", "-"],
    readFileSync(join(import.meta.dirname, "support/probe.yaml"), "utf8"),
  );
  await kubectl(layout, places, ["-n", "probe", "wait", "pod/probe", "--for=condition=Ready", "--timeout=60s"]);
  const field = (resource: string, path: string) =>
    kubectl(layout, places, ["-n", "probe", "get", resource, "-o", `jsonpath=${path}`]);
  const [podAddress, serviceAddress] = [
    await field("pod/probe", "{.status.podIP}"),
    await field("service/probe", "{.spec.clusterIP}"),
  ];
  const want = {
    capabilities: "0000000000000000",
    rootWrite: "EROFS",
    volumeWrite: "done",
    service: serviceAddress,
    outside: expect.stringMatching(/^E/),
  };
  expect(JSON.parse(await get(podAddress, 8080))).toEqual(want);
  expect(JSON.parse(await get(serviceAddress, 80))).toEqual(want);
  for (const host of ["probe.test", "route.test"])
    expect(JSON.parse(await until(host, () => get(layout.nodeAddress, 80, host), 30_000))).toEqual(want);
  expect(
    await until(
      "the Ingress to have an address",
      async () => (await field("ingress/probe", "{.status.loadBalancer.ingress[0].ip}")) || undefined,
      30_000,
    ),
  ).toBe(layout.nodeAddress);
}, 90_000);

test("refuses to start or stop a cluster of the same index under another LAB_STATE", async () => {
  const rival = { ...places, state: mkdtempSync(join(tmpdir(), "lab-node-rival-")) };
  const want = new RegExp(`LAB_INDEX=${index} is used by the cluster in ${layout.folder}`);
  await expect(startNode(rival, index, say)).rejects.toThrow(want);
  await expect(stopNode(rival, index)).rejects.toThrow(want);
  rmSync(rival.state, { recursive: true });
  expect(existsSync(`/sys/class/net/${layout.link}`)).toBe(true);
});

test("refuses a privileged pod when the namespace enforces restricted Pod Security", async () => {
  await expect(
    kubectl(layout, places, ["-n", "probe", "run", "root", "--image=lab.local/node:24", "--privileged"]),
  ).rejects.toThrow(/violates PodSecurity "restricted/);
});

test("removes the folder when its claim is deleted", async () => {
  const volumes = join(layout.folder, "volumes");
  expect(readdirSync(volumes)).toHaveLength(1);
  await kubectl(layout, places, ["-n", "probe", "delete", "pod/probe", "pvc/data", "--grace-period=1"]);
  await until("the volume's folder to disappear", async () => readdirSync(volumes).length === 0, 30_000);
}, 60_000);

test("keeps the running cluster when it is started again", async () => {
  const pid = livingFirstProcess(layout);
  await startNode(places, index, say);
  expect(livingFirstProcess(layout)).toBe(pid);
  expect(said.at(-1)).toContain("is running");
});

test("removes an interrupted start of a second cluster and keeps the first", async () => {
  const other = layoutOf(places, otherIndex);
  const running = await tracesOnMachine(runtime);
  const env = { ...process.env, LAB_CACHE: places.cache, LAB_STATE: places.state, LAB_INDEX: String(otherIndex) };
  const start = spawn(process.execPath, [join(import.meta.dirname, "../src/main.ts"), "up"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(start, "exit");
  let output = "";
  start.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await until("the second cluster's API server", async () => output.includes("the API server answers"), 60_000, 20);
  start.kill("SIGKILL");
  await ended;
  const namespace = network(other);
  expect(processesOf({ namespace, word: other.folder }).length).toBeGreaterThan(3);
  await stopNode(places, otherIndex);
  await until(
    "the second cluster's processes to end",
    async () => processesOf({ namespace, word: other.folder }).length === 0,
    30_000,
  );
  expect(await tracesOnMachine(runtime)).toEqual(running);
  expect(existsSync(other.folder)).toBe(false);
  expect(await kubectl(layout, places, ["get", "--raw=/readyz"])).toBe("ok");
}, 120_000);

test("leaves nothing on the machine when it is stopped, and may be stopped twice", async () => {
  const namespace = network(layout);
  // Check that a running cluster shows on this machine. Otherwise the comparison after its stop would prove nothing.
  expect(await tracesOnMachine(runtime)).not.toEqual(before);
  await stopNode(places, index);
  await stopNode(places, index);
  await until(
    "the cluster's processes to end",
    async () => processesOf({ namespace, word: layout.folder }).length === 0,
    30_000,
  );
  expect(await tracesOnMachine(runtime)).toEqual(before);
  expect(readdirSync(places.state)).toEqual([]);
}, 60_000);

function get(address: string, port: number, host = address): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: address, port, headers: { host }, agent: false, timeout: 5000 }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () =>
        answer.statusCode === 200
          ? resolve(text)
          : reject(new Error(`${host} answered ${answer.statusCode ?? 0}: ${text}`)),
      );
    });
    asking.on("timeout", () => asking.destroy(new Error(`${host} did not answer within 5 s`)));
    asking.on("error", reject);
    asking.end();
  });
}
