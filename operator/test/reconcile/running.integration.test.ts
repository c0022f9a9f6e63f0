// Runs the operator as a process with a real API server: it starts, gives the lease to another operator, loses its
// connection, and ends.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { systemClock } from "../../src/kube/system-clock.ts";
import { connect } from "../../src/kube/http/connect.ts";
import { leases } from "../../src/kube/lease.ts";
import { makeLogger } from "../../src/observability/logger.ts";
import { runOperator } from "../../src/operator.ts";
import { startTcpProxy, type TcpProxy } from "../kube/tcp-proxy.ts";
import { fakeGateways } from "./fake-gateways.ts";
import type { Ground } from "./ground.ts";
import { writes } from "./recorded-requests.ts";
import { startWorld, type World } from "./world.ts";
import { alteredKubeconfigs } from "./altered-kubeconfig.ts";

let world: World;
const kubeconfigs = alteredKubeconfigs(() => world);
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterEach(() => world.stopOperators());
afterAll(async () => {
  await world.stop();
  kubeconfigs.remove();
}, 120_000);

const holder = async (ground: Ground) =>
  ((await ground.object(leases, "realtime-operator"))["spec"] as { holderIdentity: string }).holderIdentity;
const replicasOf = (deployment: KubeObject) => (deployment["spec"] as { replicas: number }).replicas;

async function throughProxy(name: string): Promise<{ proxy: TcpProxy; kubeconfig: string }> {
  const { hostname, port } = new URL(world.plane.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  return { proxy, kubeconfig: kubeconfigs.with(name, { server: `https://127.0.0.1:${proxy.port}` }) };
}

describe("two operators", () => {
  test("the leader gives the lease back when it stops, and the other continues without repeating a write", async () => {
    const ground = await world.ground();
    const first = ground.operator({ identity: "first" });
    await until("the first to lead", async () => first.isLeading(), 60_000);
    const second = ground.operator({ identity: "second" });
    await ground.apply("chat");
    await ground.object(resources.ingresses, "chat-server");
    await ground.atRest("chat", first);
    expect([first.isLeading(), second.isLeading(), writes(second.requests, "chat")]).toEqual([true, false, []]);
    await first.stop();
    // If the first operator had not given its lease back, the lease would still name "first".
    expect(["", "second"]).toContain(await holder(ground));
    await until("the second to lead", async () => second.isLeading(), 60_000);
    expect(await holder(ground)).toBe("second");
    await ground.quiet();
    expect(writes(second.requests, "chat")).toEqual([]);
    await ground.apply("chat", { replicas: 4 });
    await ground.object(resources.deployments, "chat-server", (deployment) => replicasOf(deployment) === 4);
  }, 120_000);

  test("a leader without connection stops its work, and the other leads after the lease has expired", async () => {
    const ground = await world.ground();
    const { proxy, kubeconfig } = await throughProxy("cut-off");
    const first = ground.operator({ identity: "first", kubeconfig });
    await until("the first to lead", async () => first.isLeading(), 60_000);
    const second = ground.operator({ identity: "second" });
    await proxy.stop();
    let both = 0;
    await until(
      "the second to lead",
      async () => {
        if (first.isLeading() && second.isLeading()) both++;
        return second.isLeading();
      },
      90_000,
    );
    expect({ both, isFirstLeading: first.isLeading() }).toEqual({ both: 0, isFirstLeading: false });
  }, 120_000);
});

test("misses no change when its watches are broken repeatedly", async () => {
  const ground = await world.ground();
  const { proxy, kubeconfig } = await throughProxy("unsteady");
  const operator = ground.operator({ kubeconfig });
  await ground.apply("chat");
  await ground.object(resources.ingresses, "chat-server");
  for (let replicas = 2; replicas < 6; replicas++) {
    proxy.reset();
    await ground.apply("chat", { replicas });
    await ground.kube.remove(
      resources.services,
      await ground.object(
        resources.services,
        "chat-server",
        ({ metadata }) => metadata.deletionTimestamp === undefined,
      ),
    );
    await ground.object(resources.deployments, "chat-server", (deployment) => replicasOf(deployment) === replicas);
    await ground.object(resources.services, "chat-server");
  }
  await operator.stop();
  await proxy.stop();
}, 120_000);

test("stops within seconds when the API server hangs, even before its first answer", async () => {
  const ground = await world.ground();
  const { proxy, kubeconfig } = await throughProxy("hanging");
  const operator = ground.operator({ kubeconfig });
  await until("it to lead", async () => operator.isLeading(), 60_000);
  await ground.apply("chat");
  await ground.object(resources.secrets, "chat-auth");
  proxy.freeze();
  await ground.apply("chat", { replicas: 3 });
  await operator.stop();
  expect(operator.isLeading()).toBe(false);
  await proxy.stop();

  const deaf = createServer(() => undefined);
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  const { port } = deaf.address() as { port: number };
  const second = ground.operator({ kubeconfig: kubeconfigs.with("deaf", { server: `https://127.0.0.1:${port}` }) });
  await second.stop();
  await new Promise((resolve) => deaf.close(resolve));
}, 120_000);

test("ends and leaves nothing running when a port is taken", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, resolve));
  const { port } = taken.address() as { port: number };
  const { kube } = connect({ kubeconfig: world.plane.kubeconfig });
  const config = {
    identity: "x",
    namespace: "default",
    watchNamespaces: [],
    images: { gateway: "g", redis: "r" },
    upgrade: "Manual" as const,
    leaseName: undefined,
    healthPort: 0,
    metricsPort: port,
    logLevel: "silent",
    logFormat: "numbers" as const,
    concurrency: 1,
  };
  await expect(
    runOperator(
      {
        config,
        kube,
        gateways: fakeGateways(() => systemClock.now()),
        logger: makeLogger("silent", "x"),
        clock: systemClock,
        random: Math.random,
      },
      new AbortController().signal,
    ),
  ).rejects.toMatchObject({ code: "EADDRINUSE" });
  await new Promise((resolve) => taken.close(resolve));
});
