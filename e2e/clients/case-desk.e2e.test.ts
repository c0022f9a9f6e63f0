// Tests that one command runs the example application on the cluster of make up. Its page is tested by
// examples/case-desk/test.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, expect, test } from "@jest/globals";
import { realtime } from "../../client/src/realtime.ts";
import { EXAMPLE } from "../../testkit/cluster/example.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import { readState } from "../../testkit/cluster/up-state.ts";
import { freePorts } from "../../testkit/free-ports.ts";
import { until } from "../../testkit/until.ts";

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test("the example application stores, sends and publishes when make example-desk runs", async () => {
  const state = readState(process.env)!;
  const [pagePort] = await freePorts(1);
  closers.push(async () => {
    const remove = ["--namespace", EXAMPLE.namespace, "delete", "--ignore-not-found", "--wait=false"];
    await runKubectl(state, [...remove, "rtc/desk", "secret/desk-jwt"]);
    await runKubectl(state, [...remove, "deployment,service,configmap", "case-desk"]);
  });
  const child = spawn(process.execPath, ["tools/up/main.ts", "example-desk"], {
    env: { ...process.env, PAGE_PORT: String(pagePort) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  closers.push(async () => {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  const url = await until("the example", async () => /The case desk: (http:\/\/[^/]+)\//.exec(output)?.[1], 200_000);

  const api = async (path: string): Promise<unknown> => (await fetch(`${url}/api/${path}`)).json();
  const client = realtime(url, { token: async () => ((await api("token?user=ada")) as { token: string }).token });
  closers.push(() => client.close());
  client.connect();
  const room = client.room("chat:1001");
  expect(await room.send({ kind: "text", id: "1", text: "hello" })).toMatchObject({ ok: true });
  expect(await api("cases/1001/messages")).toMatchObject([{ id: "ada/1", by: "ada", text: "hello" }]);
  const updated = new Promise((resolve) => client.case("1001").on("case:updated", resolve));
  expect(await updated).toMatchObject({ caseId: "1001" });
}, 300_000);
