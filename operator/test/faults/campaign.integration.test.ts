import { expect, test } from "@jest/globals";
import { apiVersion, kind, realtimeClusters, type Spec } from "../../src/api/realtime-cluster.ts";
import type { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { withDefaults } from "../../src/api/with-defaults.ts";
import { faults, type Fault } from "./faulty-kube.ts";
import { play, type Scenario } from "./stage.ts";

const applyCluster = (server: FakeKube, change: Partial<Spec> = {}) => {
  const cluster = {
    apiVersion,
    kind,
    metadata: { name: "chat", namespace: "default" },
    spec: {
      auth: { type: "JWT", jwt: { secret: { name: "jwt" } } },
      exposure: { type: "Ingress", host: "chat.test" },
      ...change,
    },
  };
  return server.apply(realtimeClusters, withDefaults(cluster), { fieldManager: "user" });
};
const create = async (server: FakeKube) => void (await applyCluster(server));

const scenarios: Scenario[] = [
  { name: "create", act: create },
  {
    name: "scale down",
    before: async (server) => void (await applyCluster(server, { replicas: 3 })),
    act: async (server) => void (await applyCluster(server, { replicas: 1 })),
  },
  {
    name: "live edit",
    before: create,
    act: async (server) => void (await applyCluster(server, { limits: { maxRoomsPerUser: 7 } as Spec["limits"] })),
  },
  {
    name: "image change",
    before: create,
    act: async (server) => void (await applyCluster(server, { image: "gateway:2" })),
  },
  {
    name: "exposure removed",
    before: create,
    act: async (server) => void (await applyCluster(server, { exposure: { type: "None" } })),
  },
  {
    name: "delete",
    before: create,
    act: async (server) => {
      for (const cluster of server.objects(realtimeClusters)) await server.remove(realtimeClusters, cluster);
    },
  },
];

let plans = 0;
test.each(scenarios)(
  "$name: ends as without faults when any one request fails or the operator crashes at any one",
  async (scenario) => {
    const calm = await play(scenario, undefined);
    const wanted = calm.endState();
    const requests = [...calm.faulty.requests];
    calm.stop();
    const crashes: Fault[] = ["crash before", "crash after"];
    for (const [at, verb] of requests.entries()) {
      const isWrite = calm.faulty.isWrite(at);
      const kinds = [...(Object.keys(faults) as Fault[]), ...(isWrite ? crashes : [])];
      for (const fault of kinds) {
        const stage = await play(scenario, { at, fault });
        const what = `${scenario.name}, request ${at} (${verb}): ${fault}`;
        expect({ what, state: stage.endState() }).toEqual({ what, state: wanted });
        expect({ what, madeTwice: stage.madeTwice }).toEqual({ what, madeTwice: [] });
        expect({ what, requests: await stage.requestsDuring(600_000) }).toEqual({ what, requests: [] });
        stage.stop();
        plans += 1;
      }
    }
    console.log(`fault campaign: ${scenario.name} has ${requests.length} requests; ${plans} plans run so far`);
  },
  600_000,
);
