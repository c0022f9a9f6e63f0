// Runs the commands with real gateways. The other tests of the command line use fake ones.
import { expect, test } from "@jest/globals";
import { setTimeout as passed } from "node:timers/promises";
import { until } from "../../../testkit/until.ts";
import { closeAfterEach } from "../../../testkit/close-after-each.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { connectClient, type TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { startGatewayProcess, type GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { ADMIN_TOKEN } from "../../../testkit/gateway/gateway-settings.ts";
import { startRedis } from "../../../testkit/redis.ts";
import { resources } from "../../src/api/resources.ts";
import type { ConnectedKube } from "../../src/kube/http/connect.ts";
import type { CommandDeps } from "../../src/cli/command-deps.ts";
import { fleetFixture } from "./fleet-fixture.ts";
import type { Stage } from "./transcript.ts";

const keep = closeAfterEach();

async function startGateway(env: Record<string, string>): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(env);
  keep(gateway, async () => {
    gateway.kill("SIGKILL");
    await gateway.ended;
  });
  const isReady = async () => (await callApi(gateway, "/readyz", { token: null })).status === 200;
  await until("the gateway to be ready", isReady, 30_000);
  return gateway;
}

async function connect(gateway: GatewayProcess, user: string): Promise<TestClient> {
  const client = await connectClient(gateway, { user });
  return keep(client, () => client.close());
}

/**
 * Connects clients to one gateway. When a client is disconnected, it connects to the other gateway, as it would behind
 * a load balancer.
 */
async function connectMany(gateway: GatewayProcess, other: GatewayProcess, count: number): Promise<void> {
  let isOver = false;
  const clients = await Promise.all(Array.from({ length: count }, (_, index) => connect(gateway, `user-${index}`)));
  for (const { socket, user } of clients) {
    socket.once("disconnect", () => void (isOver || connect(other, user).catch(() => undefined)));
  }
  keep(undefined, () => (isOver = true));
}

/** Replaces the API server's proxy to pods by direct requests to the gateways. */
function podsAt(privatePorts: Readonly<Record<string, number>>): ConnectedKube["pods"] {
  return {
    async ask({ name }, { method, path, body, headers }) {
      const answer = await fetch(`http://127.0.0.1:${privatePorts[name]}${path}`, {
        method,
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    },
  };
}

/**
 * Starts the gateways of the cluster apps/chat: two gateways with one Redis, each with the given number of connections.
 */
async function fleet(connections: { a: number; b: number }, env: Record<string, string> = {}) {
  const redis = await startRedis();
  keep(redis, () => redis.stop());
  const settings = { REDIS_ENABLED: "true", REDIS_URL: redis.url, DRAIN_CONNECTIONS_PER_SECOND: "1000", ...env };
  const [a, b] = await Promise.all([startGateway(settings), startGateway(settings)]);
  const cli: Stage = await fleetFixture({});
  await cli.kube.apply(resources.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "chat-auth", namespace: "apps" },
    data: { "admin-token": Buffer.from(ADMIN_TOKEN).toString("base64") },
  });
  await connectMany(a, b, connections.a);
  await connectMany(b, a, connections.b);
  const pods = podsAt({ "chat-server-a": a.privatePort, "chat-server-b": b.privatePort });
  const more: Partial<CommandDeps> = {
    connect: async () => ({ kube: cli.kube, pods, server: "", namespace: "apps" }),
    wait: (afterMs, signal) => passed(afterMs, undefined, { signal }),
  };
  return { gateways: { a, b }, run: (line: string) => cli.run(line.split(" "), more) };
}

const connectionsOf = (gateway: GatewayProcess) => metricOf(gateway, "realtime_connections");

test("status shows the connections that gateways have", async () => {
  const { run } = await fleet({ a: 3, b: 1 });
  const { out } = await run("status chat");
  expect(out).toMatch(/chat-server-a {3}yes {5}3 {13}serving/);
  expect(out).toMatch(/chat-server-b {3}yes {5}1 {13}serving/);
}, 60_000);

test("drain moves the clients to the other gateway and the drained one accepts no more", async () => {
  const { run, gateways } = await fleet({ a: 40, b: 0 });
  const { out, code } = await run("drain chat-server-a");
  expect({ last: out.trim().split("\n").at(-1), code }).toEqual({ last: "chat-server-a: 0 connections left", code: 0 });
  expect(await connectionsOf(gateways.a)).toBe(0);
  await expect(connect(gateways.a, "late")).rejects.toThrow();
  await until("all clients to be at the other gateway", async () => (await connectionsOf(gateways.b)) === 40, 30_000);
  expect((await run("status chat")).out).toMatch(/chat-server-a .* draining, 0 left/);
}, 60_000);

test("rebalance moves the excess connections until the fleet is even", async () => {
  const { run, gateways } = await fleet({ a: 40, b: 0 });
  const probing = setInterval(() => void callApi(gateways.a, "/readyz", { token: null }).catch(() => undefined), 100);
  keep(undefined, () => clearInterval(probing));
  const { out, code } = await run("rebalance chat");
  expect({ out, code }).toEqual({
    out: "chat-server-a has 40, chat-server-b has 0: 20 to move\n  chat-server-a gives up 20\nchat-server-a has 20, chat-server-b has 20: even\n",
    code: 0,
  });
  expect(await connectionsOf(gateways.b)).toBe(20);
}, 60_000);

test("prints the gateway's refusal when the admin token is wrong", async () => {
  const { run } = await fleet({ a: 1, b: 0 }, { ADMIN_TOKEN: "another-token-altogether" });
  expect(await run("drain chat-server-a")).toMatchObject({
    code: 1,
    error: "error: pod chat-server-a refuses /drain: the bearer token is missing or wrong\n",
  });
}, 60_000);
