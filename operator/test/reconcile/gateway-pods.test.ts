import { fakeGateways } from "./fake-gateways.ts";
import { gatewayPodsContract, podAt } from "./gateway-pods.ts";

gatewayPodsContract("the fake", async () => {
  const gateways = fakeGateways(() => 1);
  gateways.silent.add("deaf");
  return {
    gateways,
    token: "t",
    pod: podAt("pod", "10.0.0.1"),
    deaf: podAt("deaf", "10.0.0.2"),
    ofCluster: {},
    stop: async () => undefined,
  };
});
