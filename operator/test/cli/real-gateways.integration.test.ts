// The commands that speak to gateways, with real gateways: they keep the fakes of the other tests honest.
import { expect, test } from "@jest/globals";
import { setTimeout as passed } from "node:timers/promises";
import { until } from "../../../testkit/until.ts";
import { ADMIN_TOKEN } from "../../../server/test/support/gateway.ts";
import { stage } from "../../../server/test/support/stage.ts";
import { resources } from "../../src/api/resources.ts";
import type { ConnectedKube } from "../../src/kube/http/connect.ts";
import type { CommandDeps } from "../../src/cli/command-deps.ts";
import { fleetFixture } from "./fleet-fixture.ts";
import type { Stage } from "./transcript.ts";

const on = stage();

/** apps/chat with two gateways on one Redis, each with the given number of connections. */
async function fleet(connections: { a: number; b: number }, env: Record<string, string> = {}) {
  const { gateways } = await on.cluster(2, { DRAIN_CONNECTIONS_PER_SECOND: "1000", ...env });
  const [a, b] = gateways;
  if (a === undefined || b === undefined) throw new Error("there are no two gateways");
  const privatePorts = new Map([
    ["chat-server-a", a.privatePort],
    ["chat-server-b", b.privatePort],
  ]);
  const cli: Stage = await fleetFixture({});
  await cli.kube.apply(resources.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "chat-auth", namespace: "apps" },
    data: { "admin-token": Buffer.from(ADMIN_TOKEN).toString("base64") },
  });
  const pods: ConnectedKube["pods"] = {
    async ask({ name }, { method, path, body, headers }) {
      const answer = await fetch(`http://127.0.0.1:${privatePorts.get(name)}${path}`, {
        method,
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    },
  };
  let isOver = false;
  for (const [gateway, count] of [
    [a, connections.a],
    [b, connections.b],
  ] as const) {
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const client = await on.connect(gateway, { user: `user-${index}` });
        // Like a load balancer: a client that one gateway closes reconnects to the other.
        client.socket.once(
          "disconnect",
          () => void (isOver || on.connect(gateway === a ? b : a, { user: client.user }).catch(() => undefined)),
        );
      }),
    );
  }
  on.defer(() => (isOver = true));
  const more: Partial<CommandDeps> = {
    connect: () => ({ kube: cli.kube, pods, server: "", namespace: "apps" }),
    wait: (afterMs, signal) => passed(afterMs, undefined, { signal }),
  };
  return { gateways: { a, b }, run: (line: string) => cli.run(line.split(" "), more) };
}

test("status shows the connections of each gateway", async () => {
  const { run } = await fleet({ a: 3, b: 1 });
  const { out } = await run("status chat");
  expect(out).toMatch(/chat-server-a {3}yes {5}3 {13}serving/);
  expect(out).toMatch(/chat-server-b {3}yes {5}1 {13}serving/);
}, 60_000);

test("drain moves the clients to the other gateway and the drained one accepts no more", async () => {
  const { run, gateways } = await fleet({ a: 40, b: 0 });
  const { out, code } = await run("drain chat-server-a");
  expect({ last: out.trim().split("\n").at(-1), code }).toEqual({ last: "chat-server-a: 0 connections left", code: 0 });
  expect(gateways.a.gateway.connections.size).toBe(0);
  await expect(on.connect(gateways.a)).rejects.toThrow();
  await until("all clients to be at the other gateway", async () => gateways.b.gateway.connections.size === 40, 30_000);
  expect((await run("status chat")).out).toMatch(/chat-server-a .* draining, 0 left/);
}, 60_000);

test("rebalance moves the excess connections until the fleet is even", async () => {
  const { run, gateways } = await fleet({ a: 40, b: 0 });
  const { out, code } = await run("rebalance chat");
  expect({ out, code }).toEqual({
    out: "chat-server-a has 40, chat-server-b has 0: 20 to be moved\n  chat-server-a gives up 20\nchat-server-a has 20, chat-server-b has 20: even\n",
    code: 0,
  });
  expect(gateways.b.gateway.connections.size).toBe(20);
}, 60_000);

test("prints the gateway's refusal when the admin token is wrong", async () => {
  const { run } = await fleet({ a: 1, b: 0 }, { ADMIN_TOKEN: "another-token-altogether" });
  expect(await run("drain chat-server-a")).toMatchObject({
    code: 1,
    error: "error: pod chat-server-a refuses /drain: the bearer token is missing or wrong\n",
  });
}, 60_000);
