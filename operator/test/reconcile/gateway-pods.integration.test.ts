import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createServer, type Server, type AddressInfo } from "node:net";
import { startGatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { ADMIN_TOKEN } from "../../../testkit/gateway/gateway-settings.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { liveConfig } from "../../src/manifests/shared/live-config.ts";
import { httpGatewayPods, type GatewayPods } from "../../src/gateways/gateway-pods.ts";
import { clusterWith } from "./build.ts";
import { gatewayPodsContract, podAt } from "./gateway-pods.ts";
import { templateVersions } from "../../src/manifests/shared/pod-release.ts";

gatewayPodsContract("a real gateway", async () => {
  const gateway = await startGatewayProcess();
  const at = (port: number) => httpGatewayPods({ fetch, now: () => Date.now(), port });
  // Nothing listens on port 1, so this pod does not answer.
  const ofPod = ({ metadata }: KubeObject) => at(metadata.name === "deaf" ? 1 : gateway.privatePort);
  const gateways: GatewayPods = {
    pushConfig: (pod, ...rest) => ofPod(pod).pushConfig(pod, ...rest),
    readHealth: (pod, ...rest) => ofPod(pod).readHealth(pod, ...rest),
    shed: (pod, ...rest) => ofPod(pod).shed(pod, ...rest),
  };
  return {
    gateways,
    token: ADMIN_TOKEN,
    pod: podAt("pod", "127.0.0.1"),
    deaf: podAt("deaf", "127.0.0.1"),
    ofCluster: { clusterConnections: 0 },
    async stop() {
      gateway.kill("SIGKILL");
      await gateway.ended;
    },
  };
});

const config = liveConfig(clusterWith(), 1, templateVersions.gateway.newest);
let server: Server;
let answer = "";
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => answer !== "" && socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const strange = () => httpGatewayPods({ fetch, now: () => 1, port: (server.address() as AddressInfo).port });
const http = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test.each([
  { when: "the token is wrong", text: http("401 Unauthorized", "no"), want: "/config answered 401: no" },
  { when: "it is not JSON", text: http("200 OK", "<html>"), want: "/config did not answer with a JSON object: <html>" },
  { when: "it is null", text: http("200 OK", "null"), want: "/config did not answer with a JSON object: null" },
  { when: "it is a list", text: http("200 OK", "[1]"), want: "/config did not answer with a JSON object: [1]" },
  {
    when: "its number is below zero",
    text: http("200 OK", JSON.stringify({ hash: "h", generation: -1 })),
    want: "/config answered without hash and generation",
  },
  {
    when: "its number is too large",
    text: http("200 OK", JSON.stringify({ hash: "h", generation: 1e300 })),
    want: "/config answered without hash and generation",
  },
  { when: "it lacks the hash", text: http("200 OK", "{}"), want: "/config answered without hash and generation" },
  {
    when: "it is larger than any gateway's",
    text: http("200 OK", "x".repeat(70_000)),
    want: "the answer is larger than 65536 bytes",
  },
  {
    when: "it is a redirect",
    text: "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    want: /redirect/,
  },
])("reports a problem and does not throw when $when", async ({ text, want }) => {
  answer = text;
  const { problem } = await strange().pushConfig(podAt("p", "127.0.0.1"), "t", config);
  expect(problem).toEqual(want instanceof RegExp ? expect.stringMatching(want) : want);
});

test.each([
  { phase: "down", want: { bus: { phase: "down" } } },
  { phase: "up", want: {} },
  {
    phase: "never",
    reason: "Redis has not been reached yet: r:6379: ENOTFOUND",
    want: { bus: { phase: "never" }, unready: "Redis has not been reached yet: r:6379: ENOTFOUND" },
  },
  {
    phase: "up",
    ledger: { exact: true, everExact: true, inexact: [] },
    want: {},
  },
  {
    phase: "up",
    ledger: {
      exact: false,
      inexact: ["maxConnections", 7],
      reason: "out-of-memory",
      message: "Redis refuses writes: OOM",
      sinceSeconds: 12,
    },
    want: {
      inexact: { reason: "out-of-memory", message: "Redis refuses writes: OOM", limits: ["maxConnections"] },
    },
  },
  { phase: "up", ledger: { exact: false }, want: { inexact: { reason: "error", limits: [] } } },
])("keeps what a gateway reports of Redis when its bus is $phase: $want", async ({ phase, want, ...told }) => {
  answer = http("200 OK", JSON.stringify({ connections: 3, bus: { phase }, ...told }));
  expect(await strange().readHealth(podAt("p", "127.0.0.1"), { askedAtMs: 0 })).toEqual({
    askedAtMs: 1,
    connections: 3,
    isDraining: false,
    ...want,
  });
});

test.each([
  { when: "below zero", connections: "-1" },
  { when: "a fraction", connections: "1.5" },
  { when: "more than a process can have", connections: "3000000000" },
  { when: "beyond all numbers", connections: "1e999" },
  { when: "text", connections: '"7"' },
  { when: "null", connections: "null" },
])(
  "ignores a connection count that is $when, because the status could not be written with it",
  async ({ connections }) => {
    answer = http("200 OK", `{"connections":${connections}}`);
    expect(await strange().readHealth(podAt("p", "127.0.0.1"), { askedAtMs: 0, connections: 5 })).toEqual({
      askedAtMs: 1,
      connections: 5,
      problem: expect.stringContaining("/api/websocket/health answered without a number of connections") as unknown,
    });
  },
);

test("waits at most two seconds for a pod, and less when the signal aborts", async () => {
  answer = "";
  expect(await strange().readHealth(podAt("p", "127.0.0.1"), { askedAtMs: 0 })).toEqual({
    askedAtMs: 1,
    problem: "no answer within 2 s",
  });
  const stop = new AbortController();
  const looking = strange().readHealth(podAt("p", "127.0.0.1"), { askedAtMs: 0 }, stop.signal);
  stop.abort();
  expect(await looking).toMatchObject({ problem: expect.stringMatching(/abort/) as unknown });
});
