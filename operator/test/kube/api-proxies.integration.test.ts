// The command line through proxies in front of a real API server: one with a path prefix and one for CONNECT.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { resources } from "../../src/api/resources.ts";
import { connect, connectionTo } from "../../src/kube/http/connect.ts";
import { httpPodPortForward } from "../../src/kube/http/pod-port-forward.ts";
import { httpPodProxy, type PodPort } from "../../src/kube/http/pod-proxy.ts";
import {
  connectProxy,
  kubeconfigText,
  pathPrefixProxy,
  upstreamOf,
  type RancherLike,
  type TestProxy,
} from "../support/api-proxies.ts";
import { standInKubelet, type StandInKubelet } from "../support/stand-in-kubelet.ts";
import { ownAddress, standInPods } from "../support/stand-in-pods.ts";

const PREFIX = "/k8s/clusters/c-abc";
const folder = mkdtempSync(join(tmpdir(), "realtime-operator-"));
let plane: ControlPlane;
let kubelet: StandInKubelet;
let standIns: ReturnType<typeof standInPods>;
let pod: PodPort;
let rancher: RancherLike;
let company: TestProxy;
beforeAll(async () => {
  plane = await startControlPlane();
  const { kube } = connect({ kubeconfig: plane.kubeconfig });
  kubelet = await standInKubelet(kube, ownAddress());
  standIns = standInPods(kube, { nodeName: kubelet.nodeName });
  pod = await standIns.run("default", "echo", ({ method, path, headers }) => ({
    status: 200,
    body: { method, path, token: headers?.["x-realtime-token"] },
  }));
  rancher = await pathPrefixProxy(plane.kubeconfig, PREFIX);
  company = await connectProxy();
}, 900_000);
afterAll(async () => {
  await company.stop();
  await rancher.stop();
  await standIns.stop();
  await kubelet.stop();
  await plane.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function kubeconfigWith(cluster: object, user: object): string {
  const path = join(folder, `${Math.trunc(performance.now() * 1000)}.kubeconfig`);
  writeFileSync(path, kubeconfigText(cluster, user));
  return path;
}

const base64 = (bytes: Buffer) => bytes.toString("base64");
const ofAdmin = () => {
  const { cert, key } = upstreamOf(plane.kubeconfig);
  return { "client-certificate-data": base64(cert), "client-key-data": base64(key) };
};
const ways = [
  {
    what: "a path prefix and a TLS server name",
    kubeconfig: () => kubeconfigWith(rancher.cluster, { token: "rancher" }),
    seen: () => rancher.requests.some((request) => request.startsWith(`GET ${PREFIX}/api/v1/`)),
  },
  {
    what: "a proxy-url",
    kubeconfig: () => {
      const { server, ca } = upstreamOf(plane.kubeconfig);
      return kubeconfigWith({ server, "certificate-authority-data": base64(ca), "proxy-url": company.url }, ofAdmin());
    },
    seen: () => company.requests.some((request) => request === `CONNECT ${new URL(plane.url).host}`),
  },
  {
    what: "a path prefix behind a proxy-url",
    kubeconfig: () => kubeconfigWith({ ...rancher.cluster, "proxy-url": company.url }, { token: "rancher" }),
    seen: () => company.requests.some((request) => request === `CONNECT ${new URL(rancher.url).host}`),
  },
];

describe.each(ways)("through $what", ({ kubeconfig, seen }) => {
  test("the API server answers", async () => {
    const { kube } = connect({ kubeconfig: kubeconfig() });
    const { items } = await kube.list(resources.pods, { namespace: "default" });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(["echo"]);
    expect(await kube.get(resources.pods, "default", "nobody")).toBeUndefined();
    expect(seen()).toBe(true);
  });

  test.each(["pods/proxy", "port-forward"])("a pod answers by %s", async (way) => {
    const connection = connectionTo({ kubeconfig: kubeconfig() });
    const pods = way === "pods/proxy" ? httpPodProxy(connection) : httpPodPortForward(connection);
    for (const method of ["GET", "POST"] as const) {
      const request = { method, path: "/api/websocket/health", headers: { "x-realtime-token": "t" } };
      const { text } = await pods.ask(pod, request);
      expect(JSON.parse(text)).toEqual({ method, path: request.path, token: "t" });
    }
  });

  test("a missing pod is reported as missing", async () => {
    const { pods } = connect({ kubeconfig: kubeconfig() });
    await expect(pods.ask({ ...pod, name: "nobody" }, { method: "GET", path: "/" })).rejects.toMatchObject({
      status: 404,
    });
  });
});
