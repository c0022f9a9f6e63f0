import { expect, test } from "@jest/globals";
import { EXAMPLE } from "../../testkit/cluster/example.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";
import { runHelm, runKubectl } from "../../testkit/cluster/kubectl.ts";
import { connectClient } from "../../testkit/cluster/clients.ts";
import { startFleet, until, upState } from "../../testkit/cluster/fleet.ts";

const state = upState();

test("installs the operator with Helm, and the chart passes helm lint --strict", async () => {
  const status = JSON.parse(
    await runHelm(state, ["status", "realtime-operator", "-n", OPERATOR_NAMESPACE, "-o", "json"]),
  ) as { info: { status: string } };
  expect(status.info.status).toBe("deployed");
  await runHelm(state, ["lint", "--strict", "charts/realtime-operator"]);
});

test("shows the minimal example as Ready in its printer columns", async () => {
  const row = await runKubectl(state, ["-n", EXAMPLE.namespace, "get", "rtc", EXAMPLE.name]);
  expect(row).toMatch(/^NAME\s+READY\s+DESIRED\s+PODS\s+CONNECTIONS\s+URL\s+AGE/);
  expect(row).toMatch(/minimal\s+True\s+2\s+2/);
});

test("makes a new cluster Ready, and a stock client gets the connected event through the ingress", async () => {
  const fleet = await startFleet("install");
  const client = await connectClient(fleet, "ada");
  await until("the connected event", async () => client.seen.length > 0, 10_000); // it arrives after the connect
  expect(client.seen[0]).toMatchObject({ event: "connected", payload: { userId: "ada", socketId: client.socket.id } });
  client.close();
  expect(await fleet.condition("Ready")).toMatchObject({ status: "True" });
  const pods = await fleet.gateways();
  expect(pods).toHaveLength(2);
  await fleet.remove();
}, 240_000);
