import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient } from "../../testkit/cluster/clients.ts";
import { emptyFleet, minimalExample, until, type Fleet } from "../../testkit/cluster/fleet.ts";
import { untilRoutedToAll } from "../support/gateway-metrics.ts";

const [OLD_PASSWORD, NEW_PASSWORD] = ["the-old-password", "the-new-password"];

let fleet: Fleet;
beforeAll(async () => {
  fleet = await emptyFleet("external-redis");
}, 150_000);
afterAll(() => fleet.remove());

const urlSecret = (url: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "my-redis" },
  stringData: { url },
});
const urlWith = (password: string) => `redis://:${password}@my-redis:6379`;

/**
 * Starts a Redis that the operator does not manage. It accepts two passwords, so that the test can change the password
 * without an outage.
 */
async function startRedis(): Promise<void> {
  const labels = { app: "my-redis" };
  const security = {
    runAsNonRoot: true,
    runAsUser: 65532,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const command = [
    "redis-server",
    "--save",
    "",
    "--dir",
    "/tmp",
    "--user",
    "default",
    "on",
    `>${OLD_PASSWORD}`,
    `>${NEW_PASSWORD}`,
    "~*",
    "&*",
    "+@all",
  ];
  await fleet.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "my-redis", labels },
    spec: {
      containers: [
        {
          name: "redis",
          image: fleet.state.redisImage,
          command,
          securityContext: security,
          readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
        },
      ],
    },
  });
  await fleet.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "my-redis" },
    spec: { selector: labels, ports: [{ port: 6379 }] },
  });
  await fleet.kubectl(["wait", "pod/my-redis", "--for=condition=Ready", "--timeout=60s"]);
}

test("uses the user's Redis by a URL in a Secret and creates none", async () => {
  await startRedis();
  await fleet.apply(urlSecret(urlWith(OLD_PASSWORD)));
  await fleet.apply(
    minimalExample(fleet, {
      redis: { type: "External", external: { urlSecret: { name: "my-redis", key: "url" } } },
      drain: { timeoutSeconds: 5 },
    }),
  );
  await fleet.waitReady();
  expect(await fleet.condition("RedisReady")).toMatchObject({ status: "True", reason: "Reached" });
  expect(await fleet.list("statefulsets,persistentvolumeclaims")).toEqual([]);
}, 240_000);

test("delivers a message from one gateway to the other through the user's Redis", async () => {
  await untilRoutedToAll(fleet);
  const members = await Promise.all(
    ["ada", "bob", "eve", "joe", "kim", "leo"].map((user) => connectClient(fleet, user)),
  );
  for (const member of members)
    expect(await member.emit("join_room", { room: "lobby" })).toMatchObject({ success: true });
  await members[0]?.emit("send_message", { room: "lobby", message: "hello" });
  await until(
    "every member to have the message",
    async () => members.every((member) => member.messages().includes("hello")),
    10_000,
  );
  members.forEach((member) => member.close());
}, 90_000);

test("rolls the gateways once when the URL in the Secret changes", async () => {
  const before = (await fleet.gateways()).map(({ metadata }) => metadata.uid);
  await fleet.apply(urlSecret(urlWith(NEW_PASSWORD)));
  await until(
    "two other gateways, and no old one, to run",
    async () => {
      const pods = await fleet.list("pods", "app.kubernetes.io/component=server");
      return (
        pods.length === 2 &&
        pods.every(
          ({ metadata, status }) => !before.includes(metadata.uid) && status?.containerStatuses?.[0]?.ready === true,
        )
      );
    },
    120_000,
    500,
  );
  await fleet.waitReady();
  expect(await fleet.list("replicasets")).toHaveLength(2); // one ReplicaSet for each pod template so far
  const users = await fleet.kubectl([
    "exec",
    "my-redis",
    "--",
    "redis-cli",
    "--no-auth-warning",
    "-a",
    NEW_PASSWORD,
    "acl",
    "setuser",
    "default",
    `<${OLD_PASSWORD}`,
  ]);
  expect(users.trim()).toBe("OK");
  const late = await connectClient(fleet, "late");
  expect(await late.emit("join_room", { room: "lobby" })).toMatchObject({ success: true, participantCount: 1 });
  late.close();
}, 240_000);

test("keeps the old gateways serving when the new URL reaches no Redis", async () => {
  const client = await connectClient(fleet, "ada");
  await fleet.apply(urlSecret("redis://:wrong@my-redis:6379"));
  await until(
    "a new gateway that is not ready",
    async () => {
      const pods = await fleet.gateways();
      return (
        pods.length === 3 && pods.filter(({ status }) => status?.containerStatuses?.[0]?.ready === true).length === 2
      );
    },
    60_000,
  );
  expect(await fleet.condition("Available")).toMatchObject({ status: "True" });
  expect(client.disconnects).toEqual([]);
  await fleet.apply(urlSecret(urlWith(NEW_PASSWORD)));
  await until(
    "the fleet to be as before",
    async () => (await fleet.list("pods", "app.kubernetes.io/component=server")).length === 2,
    60_000,
  );
  await fleet.waitReady();
  expect(client.disconnects).toEqual([]);
  client.close();
}, 180_000);
