import { expect, test } from "@jest/globals";
import { expectGolden, Stage } from "../../../test/cli/transcript.ts";
import { fleetFixture } from "../../../test/cli/fleet-fixture.ts";
import { paintFor } from "../output/paint.ts";

test.each([
  { name: "status-ready", fleet: {} },
  { name: "status-upgrade-waits", fleet: { kept: true } },
  { name: "status-draining", fleet: { draining: true } },
  { name: "status-keyless", fleet: { keyless: true } },
  { name: "status-troubled", fleet: { troubled: true } },
])("$name is shown as its golden file says", async ({ name, fleet }) => {
  const stage = await fleetFixture(fleet);
  const lines = ["status chat -n apps", "status chat -n apps -o wide", "status -A", "status -n apps -o wide"];
  const transcripts: string[] = [];
  for (const line of lines) transcripts.push(await stage.transcript(line));
  expectGolden(name, transcripts.join("\n"));
});

test("says so when the operator has not processed the cluster yet", async () => {
  const stage = await fleetFixture({ unvisited: true });
  expectGolden(
    "status-unvisited",
    `${await stage.transcript("status chat -n apps")}\n${await stage.transcript("status -A")}`,
  );
});

test("says what to do when there is no cluster", async () => {
  const stage = new Stage();
  expectGolden(
    "status-none",
    `${await stage.transcript("status -n apps")}\n${await stage.transcript("status -A")}\n${await stage.transcript("status chat -n apps")}`,
  );
});

test("uses the default namespace when --namespace is empty", async () => {
  expect((await new Stage().run(["status", "-n", ""])).out).toBe("there is no RealtimeCluster in namespace default\n");
});

test("prints the same as JSON with -o json", async () => {
  const stage = await fleetFixture({ draining: true });
  const one = JSON.parse((await stage.run(["status", "chat", "-n", "apps", "-o", "json"])).out) as Record<
    string,
    unknown
  >;
  expect(one).toMatchObject({
    name: "chat",
    namespace: "apps",
    phase: "Ready",
    gateways: [
      { name: "chat-server-a", connections: 1203, ready: true },
      { name: "chat-server-b", connections: 40 },
    ],
    status: { readyReplicas: 2 },
  });
  expect(JSON.parse((await stage.run(["status", "-A", "-o", "json"])).out)).toMatchObject([
    { name: "chat", namespace: "apps", status: { readyReplicas: 2 } },
  ]);
});

test("--watch refreshes until it is interrupted, and clears the screen on a terminal only", async () => {
  const stage = await fleetFixture({});
  let looks = 0;
  stage.onWait = () => void (++looks === 3 && stage.stop());
  stage.isTerminal = true;
  const { out, code } = await stage.run(["status", "chat", "-n", "apps", "--watch"]);
  expect({ screens: out.split("\u001b[2J").length - 1, code }).toEqual({ screens: 3, code: 0 });
});

test("prints colours on a terminal only, and none when NO_COLOR is set", () => {
  expect(paintFor({ isTerminal: true, env: {} })("red", "x")).toBe("\u001b[31mx\u001b[0m");
  expect(paintFor({ isTerminal: true, env: { NO_COLOR: "1" } })("red", "x")).toBe("x");
  expect(paintFor({ isTerminal: true, env: { NO_COLOR: "" } })("red", "x")).toBe("\u001b[31mx\u001b[0m");
  expect(paintFor({ isTerminal: true, env: { TERM: "dumb" } })("red", "x")).toBe("x");
  expect(paintFor({ isTerminal: false, env: {} })("red", "x")).toBe("x");
});
