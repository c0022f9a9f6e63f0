// Checks what the operator says about pod patches that a real API server refuses.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startCluster, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

test("names spec.podPatch when the API server refuses a field or a quantity of it", async () => {
  const { ground } = await startCluster(world);
  const messageFor = async (spec: object): Promise<string> => {
    await ground.apply("chat", { podPatch: { spec } });
    return (await ground.condition("chat", "ConfigurationAccepted", "False InvalidPodPatch")).message;
  };
  expect(await messageFor({ containers: [{ name: "gateway", imagee: "x" }] })).toContain("imagee: field not declared");
  const volumes = [{ name: "scratch", emptyDir: { sizeLimit: "1Gb" } }];
  expect(await messageFor({ volumes })).toMatch(/^spec.podPatch results in .* quantities must match/);
}, 180_000);
