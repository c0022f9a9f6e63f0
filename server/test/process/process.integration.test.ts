import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { runGateway } from "../../../testkit/gateway/gateway-process.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { testEnvironment, type Ports } from "../../../testkit/gateway/gateway-settings.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const packageFile = join(import.meta.dirname, "../../package.json");
const comesBack = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 200 };

async function crowd(ports: Pick<Ports, "publicPort">, count: number): Promise<TestClient[]> {
  const clients = await Promise.all(
    Array.from({ length: count }, (_, index) => on.connect(ports, { user: `user-${index}`, options: comesBack })),
  );
  for (const client of clients) await client.ask("join_room", { room: "team" });
  return clients;
}

const areBack = (clients: readonly TestClient[], times = 2) =>
  until(
    "everybody to be back",
    async () => clients.every((client) => client.all("connected").length === times && client.socket.connected),
    30_000,
    20,
  );

describe("SIGTERM", () => {
  test("moves every client to another gateway, and the process ends with 0", async () => {
    const redis = await on.redis();
    const env = { REDIS_ENABLED: "true", REDIS_URL: redis.url, DRAIN_CONNECTIONS_PER_SECOND: "50" };
    const old = await on.child(env);
    const balancer = await on.balancer([old]);
    const clients = await crowd(balancer, 30);
    const next = await on.gateway(env);
    await next.bus.whenReady();
    // Let clients reconnect only to the new gateway, as a Kubernetes Service does after it has removed the old pod.
    const second = await on.balancer([next]);
    for (const client of clients) Object.assign(client.socket.io, { uri: `http://127.0.0.1:${second.publicPort}` });
    old.kill("SIGTERM");
    await areBack(clients);
    expect(await old.ended).toEqual({ code: 0, signal: null });
    for (const client of clients) {
      expect(client.disconnects).toEqual(["transport close"]);
      expect(client.all("server:draining")).toEqual([{ reconnectWithinMs: 600 }]);
    }
    await until(
      "the ledger to hold the new seats only",
      async () => next.ledger.state().connections === 30 && next.ledger.state().nodes === 1,
      30_000,
    );
  }, 60_000);

  test("answers new clients with 503 while it drains, is not ready, and its private port still answers", async () => {
    const old = await on.child({ DRAIN_CONNECTIONS_PER_SECOND: "1", DRAIN_TIMEOUT_SECONDS: "300" });
    const clients = await crowd(old, 5);
    old.kill("SIGTERM");
    await until("the drain to begin", async () => (await callApi(old, "/readyz")).text === "draining\n", 30_000, 20);
    expect((await callApi(old, "/livez")).status).toBe(200);
    expect((await callApi(old, "/api/websocket/health")).body).toMatchObject({
      status: "unavailable",
      drain: { isDraining: true },
    });
    const refused = await fetch(`http://127.0.0.1:${old.publicPort}/socket.io/?EIO=4&transport=polling`);
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { code: "DRAINING", message: expect.any(String), retryAfter: 1 },
    ]);
    expect(clients.some(({ disconnects }) => disconnects.length === 0)).toBe(true);
    // A second signal shortens the drain. At one connection per second, the drain would take longer than this test may.
    old.kill("SIGTERM");
    expect(await old.ended).toEqual({ code: 0, signal: null });
  });

  test("ends an idle gateway, and one that has never reached Redis", async () => {
    const redis = await on.redis();
    await redis.kill();
    for (const env of [{}, { REDIS_ENABLED: "true", REDIS_URL: redis.url }]) {
      const gateway = await on.child(env);
      gateway.kill("SIGTERM");
      expect(await gateway.ended).toEqual({ code: 0, signal: null });
    }
  });

  test("does not wait for a client that has stopped reading", async () => {
    const gateway = await on.child();
    const [client] = await crowd(gateway, 1);
    // Pauses the WebSocket below engine.io: the TCP socket stays open and receives nothing.
    const { ws } = client!.socket.io.engine.transport as unknown as { ws: { pause(): void; terminate(): void } };
    ws.pause();
    on.defer(() => ws.terminate());
    gateway.kill("SIGTERM");
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
  });
});

test("when one of three gateways is killed, its clients reconnect to the others and its seats become free", async () => {
  const redis = await on.redis();
  const env = { REDIS_ENABLED: "true", REDIS_URL: redis.url, WS_MAX_CONNECTIONS_PER_USER: "1" };
  const gateways = await Promise.all([on.child(env), on.child(env), on.child(env)]);
  for (const gateway of gateways)
    await until("readiness", async () => (await callApi(gateway, "/readyz")).status === 200, 30_000);
  const balancer = await on.balancer(gateways);
  const clients = await crowd(balancer, 12);
  const [killed, ...others] = gateways;
  balancer.remove(killed.publicPort);
  killed.kill("SIGKILL");
  await killed.ended;
  // Until the lease of the killed gateway ends, its seats still count, so a user with a limit of one connection is
  // refused. A stock client does not retry after such a refusal, so the test does.
  const tryAgain = async () => {
    for (const { socket } of clients) if (!socket.active) socket.connect();
    return (
      clients.filter(({ disconnects }) => disconnects.length > 0).length === 4 &&
      clients.every(({ socket }) => socket.connected)
    );
  };
  await until("everybody to be there", tryAgain, 40_000, 200);
  await until(
    "the ledger to be right",
    async () => {
      const { body } = await callApi(others[0], "/api/websocket/health");
      const { connections, nodes } = body["cluster"] as { connections: number; nodes: number };
      return connections === 12 && nodes === 2;
    },
    40_000,
  );
  const [first] = clients;
  for (const client of clients) if (client.disconnects.length > 0) await client.ask("join_room", { room: "team" });
  await first!.ask("send_message", { room: "team", message: "all here" });
  for (const client of clients) await client.next("message", ({ message }) => message === "all here");
}, 120_000);

test("keeps a signal that comes before the gateway can stop", () => {
  const source = new URL("../../src/stop-signals.ts", import.meta.url).href;
  const program = `import { onStopSignal } from "${source}"; process.kill(process.pid, "SIGTERM"); setTimeout(() => onStopSignal((signal) => { console.log(signal); process.exit(3); }), 50);`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([3, "SIGTERM\n"]);
});

test("names its version in the first line of its log and in the metrics, and levels as words if wanted", async () => {
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  const gateway = await on.child({ LOG_FORMAT: "words" });
  expect(gateway.log().find(({ msg }) => msg === "gateway started")).toMatchObject({ level: "info", version });
  const metrics = (await callApi(gateway, "/metrics")).text;
  expect(metrics).toContain(`realtime_build_info{component="gateway",version="${version}"} 1`);
});

describe("a gateway that cannot start", () => {
  test("names the file for TLS that is missing, once, and ends with 2", async () => {
    const { code, stderr } = await runGateway({
      ...{ JWT_SECRET: "0f4b1c9d8e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b", REDIS_CA_FILE: "/nowhere/ca.crt" },
      REDIS_URL: "rediss://a,rediss://b",
    });
    expect([code, stderr.trim().split("\n")]).toEqual([2, [expect.stringContaining("REDIS_CA_FILE cannot be read")]]);
  });

  test("prints every problem of its environment at once, and ends with 2", async () => {
    const { code, stderr, stdout } = await runGateway({
      PORT: "many",
      WS_TRANSPORTS: "",
      JWT_SECRET: "short",
      TRUSTED_PROXIES: "10.0.0.0/99",
      REDIS_URL: "http://localhost",
    });
    expect(code).toBe(2);
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[0])
        .sort(),
    ).toEqual(["JWT_SECRET", "PORT", "REDIS_URL", "TRUSTED_PROXIES", "WS_TRANSPORTS"]);
    expect(stderr).not.toContain("short\n");
    expect(stdout).toBe("");
  });

  test("prints that its port is taken, and ends with 1", async () => {
    const first = await on.gateway();
    const { code, stdout } = await runGateway({ ...testEnvironment, PORT: String(first.publicPort) });
    expect(code).toBe(1);
    expect(stdout).toContain("EADDRINUSE");
  });
});

test("logs a bug that no code catches, and ends the process with 1", async () => {
  const { code, stdout } = await runGateway(testEnvironment, [
    "--import",
    "data:text/javascript,setTimeout(() => { throw new Error('a bug') }, 300)",
  ]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout.trim().split("\n").at(-1)!)).toMatchObject({
    level: 60,
    msg: "uncaught error",
    err: { message: "a bug" },
  });
});
