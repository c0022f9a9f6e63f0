import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { customKind } from "../../../testkit/fake-kube/served-kinds.ts";
import { gadgets } from "./contract/ground.ts";
import { kubeContract } from "./contract.ts";

kubeContract(
  "the fake",
  async () => {
    const kube = new FakeKube();
    kube.serve(customKind(gadgets));
    return {
      kube,
      settle: () => kube.collectGarbage(),
      passMinute: () => kube.watches.bookmark(),
      passTimeout: () => kube.watches.end(),
      forget: async () => kube.compact(),
      stop: async () => undefined,
    };
  },
  5_000,
);
