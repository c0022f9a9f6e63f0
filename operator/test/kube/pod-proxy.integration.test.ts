import { startControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { connect, connectionTo } from "../../src/kube/http/connect.ts";
import { httpPodProxy } from "../../src/kube/http/pod-proxy.ts";
import { standInPods } from "../support/stand-in-pods.ts";
import { podProxyContract } from "./pod-proxy.ts";

podProxyContract(
  "the proxy of a real kube-apiserver",
  async () => {
    const cluster = await startControlPlane();
    const { kubeconfig } = cluster;
    const { kube } = connect({ kubeconfig });
    const standIns = standInPods(kube);
    return {
      pods: httpPodProxy(connectionTo({ kubeconfig })),
      run: (name, answer) => standIns.run("default", name, answer),
      async stop() {
        await standIns.stop();
        await cluster.stop();
      },
    };
  },
  900_000,
);
