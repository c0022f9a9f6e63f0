import { expect, test } from "@jest/globals";
import { Stage } from "../../../test/cli/transcript.ts";

test.each([
  "--connections 5",
  "--connections 500 --messages-per-second 0.5 --receivers 3.5",
  "--connections 100000 --messages-per-second 2000",
  "--connections 100000 --messages-per-second 1000 --message-bytes 20000",
  "--connections 100000 --messages-per-second 100 --receivers 20000",
  "--connections 500000 --messages-per-second 20 --connects-per-second 20",
  "--connections 20000 --recovery-window 0 --name fleet-2",
  "--connections 20000 --recovery-window 3600 --messages-per-second 500 --connections-per-gateway 20000",
])("prints a resource that validate accepts without a warning when called with %s", async (flags) => {
  const stage = new Stage();
  const planned = await stage.run(["plan", ...flags.split(" ")]);
  expect(planned).toMatchObject({ code: 0, error: "" });
  stage.files.set("plan.yaml", planned.out);
  expect(await stage.run(["validate", "-f", "plan.yaml"])).toMatchObject({ code: 0, error: "" });
});

test("prints a command for a part of the load that one cluster can carry", async () => {
  const stage = new Stage();
  const flags = "--connections 1000000 --messages-per-second 20000 --connects-per-second 100.5";
  const { code, error } = await stage.run(["plan", ...flags.split(" ")]);
  expect(code).toBe(1);
  const [command = ""] = /(?<=realtime )plan .*/.exec(error) ?? [];
  expect(await stage.run(command.split(" "))).toMatchObject({ code: 0, error: "" });
});

test("offers no parts when the receivers of one message do not fit into a part", async () => {
  const flags = "--connections 100000 --messages-per-second 400 --receivers 50000";
  const { code, error } = await new Stage().run(["plan", ...flags.split(" ")]);
  expect(code).toBe(1);
  expect(error).toContain("all receivers of a message must be clients of one cluster");
});
