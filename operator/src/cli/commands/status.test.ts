import { expect, test } from "@jest/globals";
import { expectGolden, Stage } from "../../../test/cli/transcript.ts";
import { standingFleet } from "../../../test/cli/standing-fleet.ts";
import { paintFor } from "../output/paint.ts";

test.each([
  { name: "status-ready", fleet: {} },
  { name: "status-upgrade-waits", fleet: { kept: true } },
  { name: "status-draining", fleet: { draining: true } },
  { name: "status-troubled", fleet: { troubled: true } },
])("$name is shown as its golden file says", async ({ name, fleet }) => {
  const stage = await standingFleet(fleet);
  const lines = ["status chat -n apps", "status chat -n apps -o wide", "status -A", "status -n apps -o wide"];
  const transcripts: string[] = [];
  for (const line of lines) transcripts.push(await stage.transcript(line));
  expectGolden(name, transcripts.join("\n"));
});

test("before the operator's first visit it says so", async () => {
  const stage = await standingFleet({ unvisited: true });
  expectGolden(
    "status-unvisited",
    `${await stage.transcript("status chat -n apps")}\n${await stage.transcript("status -A")}`,
  );
});

test("where there is none it says so, and what to do", async () => {
  const stage = new Stage();
  expectGolden(
    "status-none",
    `${await stage.transcript("status -n apps")}\n${await stage.transcript("status -A")}\n${await stage.transcript("status chat -n apps")}`,
  );
});

test("an empty namespace, as of a variable that is not set, is none that was named", async () => {
  expect((await new Stage().run(["status", "-n", ""])).out).toBe("there is no RealtimeCluster in namespace default\n");
});

test("as JSON it is the same, for programs", async () => {
  const stage = await standingFleet({ draining: true });
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

test("watching looks again until it is ended, and clears a terminal only", async () => {
  const stage = await standingFleet({});
  let looks = 0;
  stage.onWait = () => void (++looks === 3 && stage.stop());
  stage.isTerminal = true;
  const { out, code } = await stage.run(["status", "chat", "-n", "apps", "--watch"]);
  expect({ screens: out.split("\u001b[2J").length - 1, code }).toEqual({ screens: 3, code: 0 });
});

test("there are colours on a terminal only, and none where NO_COLOR is set", () => {
  expect(paintFor({ isTerminal: true, env: {} })("red", "x")).toBe("\u001b[31mx\u001b[0m");
  expect(paintFor({ isTerminal: true, env: { NO_COLOR: "1" } })("red", "x")).toBe("x");
  expect(paintFor({ isTerminal: true, env: { NO_COLOR: "" } })("red", "x")).toBe("\u001b[31mx\u001b[0m");
  expect(paintFor({ isTerminal: true, env: { TERM: "dumb" } })("red", "x")).toBe("x");
  expect(paintFor({ isTerminal: false, env: {} })("red", "x")).toBe("x");
});
