import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { emptyFleet, minimalExample, until, type Fleet } from "./support/fleet.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await emptyFleet("bad-input");
}, 60_000);
afterAll(() => fleet.remove());

test("the API server refuses a bad resource with the field and the fix", async () => {
  await expect(fleet.apply(minimalExample(fleet, { replicas: 3, redis: { type: "None" } }))).rejects.toThrow(/spec\.redis\.type None keeps all state in one pod: set spec\.replicas to 1/);
  await expect(fleet.apply(minimalExample(fleet, { limits: { maxConections: 5 } }))).rejects.toThrow(/maxConections/);
  await expect(fleet.apply(minimalExample(fleet, { autoscaling: { minReplicas: 5, maxReplicas: 2 } }))).rejects.toThrow(/spec\.autoscaling\.minReplicas must not be greater/);
});

test("what only the operator can judge gets ConfigurationAccepted=False with the path, and recovers without an edit", async () => {
  await fleet.apply(minimalExample(fleet, { auth: { jwt: { secret: { name: "not-there" } } } }));
  await until("ConfigurationAccepted to be False", async () => (await fleet.condition("ConfigurationAccepted"))?.status === "False", 30_000);
  const condition = await fleet.condition("ConfigurationAccepted");
  expect(condition?.message).toMatch(/spec\.auth\.jwt\.secret/);
  expect(condition?.message).toContain("not-there");
  await fleet.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "not-there" }, stringData: { secret: "0123456789abcdef0123456789abcdef" } });
  await until("ConfigurationAccepted to be True", async () => (await fleet.condition("ConfigurationAccepted"))?.status === "True", 60_000);
  await fleet.waitReady();
}, 200_000);
