import { startControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { connect, connectionTo } from "../../src/kube/http/connect.ts";
import { httpPodPortForward } from "../../src/kube/http/pod-port-forward.ts";
import { standInKubelet } from "../support/stand-in-kubelet.ts";
import { ownAddress, standInPods } from "../support/stand-in-pods.ts";
import { podProxyContract } from "./pod-proxy.ts";

podProxyContract(
  "port-forward of a real kube-apiserver",
  async () => {
    const cluster = await startControlPlane();
    const { kubeconfig } = cluster;
    const { kube } = connect({ kubeconfig });
    const kubelet = await standInKubelet(kube, ownAddress());
    const standIns = standInPods(kube, { nodeName: kubelet.nodeName });
    return {
      pods: httpPodPortForward(connectionTo({ kubeconfig })),
      run: (name, answer) => standIns.run("default", name, answer),
      async stop() {
        await standIns.stop();
        await kubelet.stop();
        await cluster.stop();
      },
    };
  },
  900_000,
);
