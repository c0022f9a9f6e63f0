// Warnings that depend on objects other than the cluster's own, on a real API server.
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import { resources } from "../../src/api/resources.ts";
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
