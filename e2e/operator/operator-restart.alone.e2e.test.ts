import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import { OPERATOR_NAMESPACE } from "../../testkit/cluster/operator-release.ts";
import { connectClient, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
let client: Client;
beforeAll(async () => {
  fleet = await startFleet("operator-restart");
  client = await connectClient(fleet, "ada");
}, 240_000);
afterAll(async () => {
  client.close();
  await fleet.remove();
});

test("keeps pods, objects and connections when the operator is killed and restarts", async () => {
  await client.emit("join_room", { room: "steady" });
  const kubectl = (...args: string[]) => runKubectl(fleet.state, ["-n", OPERATOR_NAMESPACE, ...args]);
  const selector = "app.kubernetes.io/name=realtime-operator";
  const snapshot = async () => {
    const pods = (await fleet.list("pods")).map(({ metadata, status }) => [
      metadata.name,
      metadata.uid,
      status?.containerStatuses?.map(({ restartCount }) => restartCount),
    ]);
    const objects = (
      await fleet.list("deployments,statefulsets,services,configmaps,secrets,ingresses,poddisruptionbudgets")
    ).map(({ metadata }) => [metadata.name, metadata.uid, metadata.generation]);
    return { pods, objects };
  };
  const before = await snapshot();
  const operator = (await kubectl("get", "pods", "-l", selector, "-o", "jsonpath={.items[*].metadata.uid}")).trim();
  await kubectl("delete", "pods", "-l", selector, "--grace-period=0", "--force");
  await until(
    "another operator pod to be ready",
    async () => {
      const now = await kubectl(
        "get",
        "pods",
        "-l",
        selector,
        "-o",
        'jsonpath={.items[*].metadata.uid} {.items[*].status.conditions[?(@.type=="Ready")].status}',
      );
      return !now.includes(operator) && now.endsWith("True");
    },
    60_000,
  );
  // An edit that reaches the gateways shows that the new operator works. It must not have changed anything else.
  await fleet.patch({ spec: { limits: { maxRoomsPerUser: 17 } } });
  await until(
    "the edit to reach the gateways",
    async () => {
      const { data } = await fleet.get<KubeView & { data: Record<string, string> }>(
        "configmap",
        `${fleet.name}-server`,
      );
      return (
        (JSON.parse(data["config.json"] ?? "{}") as { limits: { maxRoomsPerUser: number } }).limits.maxRoomsPerUser ===
        17
      );
    },
    60_000,
  );
  expect((await snapshot()).pods).toEqual(before.pods);
  expect((await snapshot()).objects).toEqual(before.objects);
  expect(client.disconnects).toEqual([]);
}, 180_000);
