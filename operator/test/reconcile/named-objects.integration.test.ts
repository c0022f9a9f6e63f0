// Checks what the status says about objects that do not belong to the cluster, on a real API server.
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import { ingressClasses, resources } from "../../src/api/resources.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterEach(() => world.stopOperators());
afterAll(() => world.stop(), 120_000);

const exposedBy = (className: string) => ({
  exposure: { type: "Ingress", host: "chat.example.com", ingress: { className } },
});

test("warns both clusters of a shared host, until the other has its own ingress class or is deleted", async () => {
  const ground = await world.ground();
  ground.operator();
  await ground.apply("chat", exposedBy("edge"));
  await ground.condition("chat", "ConfigurationWarning", "False NoWarnings");
  await ground.apply("twin", exposedBy("edge"));
  for (const [one, other] of [
    ["chat", "twin"],
    ["twin", "chat"],
  ] as const) {
    const { message } = await ground.condition(one, "ConfigurationWarning", "True HostShared");
    expect(message).toContain(`also the host of cluster ${ground.namespace}/${other}`);
  }
  await ground.apply("twin", exposedBy("inside"));
  await ground.condition("chat", "ConfigurationWarning", "False NoWarnings");
  await ground.apply("twin", exposedBy("edge"));
  await ground.condition("chat", "ConfigurationWarning", "True HostShared");
  await ground.kube.remove(realtimeClusters, await ground.cluster("twin"));
  await ground.condition("chat", "ConfigurationWarning", "False NoWarnings");
}, 120_000);

test("warns of a missing certificate until the Secret has one, and creates the gateways all the same", async () => {
  const ground = await world.ground();
  ground.operator();
  await ground.apply("chat", { exposure: { type: "Ingress", host: "chat.example.com", tls: { secretName: "cert" } } });
  const { message } = await ground.condition("chat", "ConfigurationWarning", "True TLSSecretMissing");
  expect(message).toContain("there is no Secret cert in this namespace");
  await ground.object(resources.deployments, "chat-server");
  const certificate = (data: object) =>
    ground.kube.apply(
      resources.secrets,
      { apiVersion: "v1", kind: "Secret", metadata: { name: "cert", namespace: ground.namespace }, data },
      { fieldManager: "user" },
    );
  await certificate({ "tls.crt": "YQ==", "tls.key": "YQ==" });
  await ground.condition("chat", "ConfigurationWarning", "False NoWarnings");
  await certificate({ "tls.crt": "YQ==" });
  const { message: next } = await ground.condition("chat", "ConfigurationWarning", "True TLSSecretMissing");
  expect(next).toContain("Secret cert has no key tls.key");
}, 120_000);

test("reports a class that does not exist when an old address is left in the Ingress", async () => {
  const ground = await world.ground();
  ground.operator({ namespaces: [] });
  const classNamed = (name: string) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name },
    spec: { controller: "example.com/edge" },
  });
  const create = (name: string) => ground.kube.apply(ingressClasses, classNamed(name), { fieldManager: "user" });
  await create("edge");
  await ground.apply("chat", exposedBy("edge"));
  await ground.condition("chat", "ExposureReady", "True Routed");
  const { namespace } = ground;
  const publish = (ip: string) =>
    world.plane.kubectl([
      ...["patch", "ingress", "chat-server", "-n", namespace, "--subresource=status", "--type=merge", "-p"],
      JSON.stringify({ status: { loadBalancer: { ingress: [{ ip }] } } }),
    ]);
  await publish("192.0.2.1");
  await ground.condition("chat", "ExposureReady", "True Published");
  const { resourceVersion } = (await ground.object(resources.ingresses, "chat-server")).metadata;
  // The times in managedFields are whole seconds. So wait for the next second before the change.
  const publishedAtMs = Date.now();
  await until("a later second", async () => Date.now() > publishedAtMs + 1_000, 5_000);
  await ground.apply("chat", exposedBy("edgee"));
  await ground.object(
    resources.ingresses,
    "chat-server",
    ({ metadata }) => metadata.resourceVersion !== resourceVersion,
  );
  const { message } = await ground.condition("chat", "ExposureReady", "False ClassNotFound");
  expect(message).toContain("there is no IngressClass edgee");
  await ground.condition("chat", "Ready", "False");
  await create("edgee");
  const { message: next } = await ground.condition("chat", "ExposureReady", "True Routed");
  expect(next).toContain("was changed after the address 192.0.2.1 was written");
  await publish("192.0.2.2");
  await ground.condition("chat", "ExposureReady", "True Published");
}, 120_000);
