import { startControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { connect } from "../../src/kube/http/connect.ts";
import { standInPods } from "../support/stand-in-pods.ts";
import { podProxyContract } from "./pod-proxy.ts";

podProxyContract(
  "a real kube-apiserver",
  async () => {
    const cluster = await startControlPlane();
    const { kube, pods } = connect({ kubeconfig: cluster.kubeconfig });
    const standIns = standInPods(kube);
    return {
      pods,
      run: (name, answer) => standIns.run("default", name, answer),
      async stop() {
        await standIns.stop();
        await cluster.stop();
      },
    };
  },
  900_000,
);
