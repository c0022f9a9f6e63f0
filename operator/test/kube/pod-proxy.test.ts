import { FakePods } from "../../../testkit/fake-kube/fake-pods.ts";
import { podProxyContract } from "./pod-proxy.ts";

podProxyContract(
  "the fake",
  async () => {
    const pods = new FakePods();
    return {
      pods,
      async run(name, answer) {
        pods.running.set(`default/${name}:9090`, answer);
        return { namespace: "default", name, port: 9090 };
      },
      stop: async () => undefined,
    };
  },
  5_000,
);
