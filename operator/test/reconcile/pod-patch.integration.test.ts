// Checks what the operator says about pod patches that a real API server refuses.
import { afterAll, beforeAll, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { startCluster, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

test("names spec.podPatch when the API server refuses a field or a quantity of it", async () => {
  const { ground } = await startCluster(world);
  // The condition is False after the first patch already, so wait for the message about this patch.
  const expectMessage = async (spec: object, message: RegExp): Promise<void> => {
    await ground.apply("chat", { podPatch: { spec } });
    const isSaid = async () =>
      message.test((await ground.condition("chat", "ConfigurationAccepted", "False InvalidPodPatch")).message);
    await until(`the message ${String(message)}`, isSaid, 60_000);
  };
  await expectMessage({ containers: [{ name: "gateway", imagee: "x" }] }, /imagee: field not declared/);
  const volumes = [{ name: "scratch", emptyDir: { sizeLimit: "1Gb" } }];
  await expectMessage({ volumes }, /^spec.podPatch results in .* quantities must match/);
}, 180_000);
