import { expect, test } from "@jest/globals";
import { resources } from "../../api/resources.ts";
import { adminToken, fleetFixture } from "../../../test/cli/fleet-fixture.ts";
import { expectGolden, type Stage } from "../../../test/cli/transcript.ts";

/** Starts fake gateways. A draining gateway moves `rate` connections per second to the gateway `into`. */
function movingGateways(stage: Stage, connections: Record<string, number>, into: string): void {
  const [draining, shedding] = [new Set<string>(), new Map<string, number>()];
  for (const name of Object.keys(connections)) {
    stage.pods.running.set(`apps/${name}:9090`, ({ path, body, headers }) => {
      if (path === "/api/websocket/health") {
        const left = connections[name] ?? 0;
        const isDraining = draining.has(name);
        return {
          status: isDraining ? 503 : 200,
          body: {
            status: isDraining ? "unavailable" : "ok",
            connections: left,
            drain: { isDraining, connectionsLeft: isDraining ? left : 0, secondsLeft: Math.ceil(left / 100) },
          },
        };
      }
      if (headers?.["x-realtime-token"] !== adminToken)
        return { status: 401, body: { error: "the bearer token is missing or wrong" } };
      if (path === "/drain") draining.add(name);
      else shedding.set(name, (body as { connections: number }).connections);
      return { status: 202, body: {} };
    });
  }
  stage.onWait = (afterMs) => {
    for (const name of Object.keys(connections)) {
      const due = Math.min(
        Math.floor(afterMs / 10),
        draining.has(name) ? (connections[name] ?? 0) : (shedding.get(name) ?? 0),
      );
      shedding.set(name, (shedding.get(name) ?? 0) - due);
      connections[name] = (connections[name] ?? 0) - due;
      connections[into] = (connections[into] ?? 0) + due;
    }
  };
}

test("drain waits until the gateway is empty and says what to do with the pod", async () => {
  const stage = await fleetFixture({});
  movingGateways(stage, { "chat-server-a": 250, "chat-server-b": 17 }, "chat-server-b");
  expectGolden("drain", await stage.transcript("drain chat-server-a -n apps"));
  expect(stage.pods.requests.filter(({ path }) => path === "/drain")).toMatchObject([
    { name: "chat-server-a", method: "POST", port: 9090 },
  ]);
});

test("drain says what to do when the pod cannot be drained", async () => {
  const stage = await fleetFixture({});
  movingGateways(stage, { "chat-server-a": 250 }, "chat-server-b");
  const lines = ["drain nobody -n apps", "drain chat-redis-0 -n apps", "drain chat-server-a -n apps --no-wait"];
  const transcripts: string[] = [];
  for (const line of lines) transcripts.push(await stage.transcript(line));
  stage.pods.running.set("apps/chat-server-a:9090", undefined);
  transcripts.push(await stage.transcript("drain chat-server-a -n apps"));
  expectGolden("drain-refused", transcripts.join("\n"));
});

test("drain fails with the last count when the gateway stops answering", async () => {
  const stage = await fleetFixture({});
  movingGateways(stage, { "chat-server-a": 250 }, "chat-server-b");
  const move = stage.onWait;
  let waits = 0;
  stage.onWait = (afterMs) => {
    move(afterMs);
    if (++waits === 1) stage.pods.running.set("apps/chat-server-a:9090", undefined);
  };
  expectGolden("drain-silent", await stage.transcript("drain chat-server-a -n apps"));
});

test("rebalance moves excess connections in rounds until the fleet is even", async () => {
  const stage = await fleetFixture({});
  movingGateways(stage, { "chat-server-a": 900, "chat-server-b": 100 }, "chat-server-b");
  expectGolden(
    "rebalance",
    `${await stage.transcript("rebalance chat -n apps --dry-run")}\n${await stage.transcript("rebalance chat -n apps")}\n${await stage.transcript("rebalance chat -n apps")}`,
  );
});

test("rebalance exits with 1 when clients return to the same pod", async () => {
  const stage = await fleetFixture({});
  movingGateways(stage, { "chat-server-a": 900, "chat-server-b": 100 }, "chat-server-a");
  expectGolden("rebalance-in-vain", await stage.transcript("rebalance chat -n apps --rounds 2"));
});

test("rebalance gives no connections to a gateway whose pod has not become ready", async () => {
  const named = { name: "chat-server-c", namespace: "apps" };
  const stage = await fleetFixture({});
  movingGateways(stage, { "chat-server-a": 100, "chat-server-b": 100, "chat-server-c": 0 }, "chat-server-c");
  const { metadata } = (await stage.kube.get(resources.pods, "apps", "chat-server-a"))!;
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...named, labels: metadata.labels! } };
  await stage.kube.apply(resources.pods, pod);
  const status = { phase: "Running", podIP: "10.1.0.1", conditions: [{ type: "Ready", status: "False" }] };
  await stage.kube.apply(resources.pods, { ...pod, metadata: named, status }, { subresource: "status" });
  const { out } = await stage.run("rebalance chat -n apps".split(" "));
  expect(out).toContain("even");
  expect(stage.pods.requests.filter(({ path }) => path === "/shed")).toEqual([]);
});
