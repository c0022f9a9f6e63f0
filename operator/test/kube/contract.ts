// Tests what this operator needs from an API server. The same tests run on the fake (kube-contract.test.ts) and on a
// real kube-apiserver (kube-contract.integration.test.ts). If a test passes on only one of them, the fake is wrong.
import { afterAll, beforeAll, beforeEach, describe } from "@jest/globals";
import { namespaces } from "../../../testkit/fake-kube/served-kinds.ts";
import { applyContract } from "./contract/apply.ts";
import { applyRulesContract } from "./contract/apply-rules.ts";
import { deletionContract } from "./contract/deletion.ts";
import type { Ground, Side } from "./contract/ground.ts";
import { readContract } from "./contract/reads.ts";
import { watchContract } from "./contract/watch.ts";
import { writeContract } from "./contract/writes.ts";

export function kubeContract(name: string, start: () => Promise<Side>, startWithinMs: number): void {
  describe(`the contract on ${name}`, () => {
    const ground = {} as Ground;
    let count = 0;
    beforeAll(async () => {
      Object.assign(ground, await start());
    }, startWithinMs);
    afterAll(() => ground.stop());
    beforeEach(async () => {
      ground.namespace = `contract-${++count}`;
      await ground.kube.create(namespaces, {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: ground.namespace },
      });
    });
    readContract(ground);
    writeContract(ground);
    applyContract(ground);
    applyRulesContract(ground);
    deletionContract(ground);
    watchContract(ground);
  });
}
