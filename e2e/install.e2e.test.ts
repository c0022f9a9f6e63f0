import { expect, test } from "@jest/globals";
import { run } from "../testkit/run.ts";
import { EXAMPLE, OPERATOR_NAMESPACE } from "../tools/up/up.ts";
import { connectClient } from "./support/clients.ts";
import { startFleet, until, upState } from "./support/fleet.ts";

const state = upState();
const env = { ...process.env, KUBECONFIG: state.kubeconfig };

test("Helm installed the operator, and the chart passes the strict lint and its own test", async () => {
  const status = JSON.parse(
    await run(state.helm, ["status", "realtime-operator", "-n", OPERATOR_NAMESPACE, "-o", "json"], { env }),
  ) as { info: { status: string } };
  expect(status.info.status).toBe("deployed");
  await run(state.helm, ["lint", "--strict", "charts/realtime-operator"], { env });
});

test("the minimal example of make up is Ready, by its printer columns too", async () => {
  const row = await run(state.kubectl, [
    `--kubeconfig=${state.kubeconfig}`,
    "-n",
    EXAMPLE.namespace,
    "get",
    "rtc",
    EXAMPLE.name,
  ]);
  expect(row).toMatch(/^NAME\s+READY\s+DESIRED\s+PODS\s+CONNECTIONS\s+URL\s+AGE/);
  expect(row).toMatch(/minimal\s+True\s+2\s+2/);
});

test("a new cluster becomes Ready and a stock client gets its welcome through the ingress", async () => {
  const fleet = await startFleet("install");
  const client = await connectClient(fleet, "ada");
  await until("the welcome", async () => client.seen.length > 0, 10_000); // it comes after the connect
  expect(client.seen[0]).toMatchObject({ event: "connected", payload: { userId: "ada", socketId: client.socket.id } });
  client.close();
  expect(await fleet.condition("Ready")).toMatchObject({ status: "True" });
  const pods = await fleet.gateways();
  expect(pods).toHaveLength(2);
  await fleet.remove();
}, 240_000);
