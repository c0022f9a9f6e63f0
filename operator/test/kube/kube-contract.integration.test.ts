import { startControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import { connect } from "../../src/kube/http/connect.ts";
import type { Resource } from "../../src/kube/resource.ts";
import { gadgetDefinition, gadgets } from "./contract/ground.ts";
import { kubeContract } from "./contract.ts";

const definitions: Resource = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};

kubeContract(
  "a real kube-apiserver",
  async () => {
    const cluster = await startControlPlane();
    const { kube } = connect({ kubeconfig: cluster.kubeconfig });
    await kube.apply(definitions, gadgetDefinition);
    await until(
      "the gadgets to be served",
      async () => (await kube.discover(gadgets.group, gadgets.version))?.has(gadgets.plural),
      30_000,
    );
    await until("the first gadget list", async () => (await kube.list(gadgets, {})).resourceVersion, 30_000);
    const passes = () => undefined;
    // An API server that has just started has no events from before its start. So restart it.
    const forget = async () => {
      await cluster.stopApiServer();
      await cluster.startApiServer();
    };
    return { kube, settle: passes, passMinute: passes, passTimeout: passes, forget, stop: () => cluster.stop() };
  },
  900_000,
);
