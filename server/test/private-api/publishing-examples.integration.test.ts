// Runs the examples of docs/publishing.md, with the address of a gateway in place of the one in the text.
import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PUBLISH_TOKEN } from "../../../testkit/gateway/gateway-settings.ts";
import { installPackages } from "../../../testkit/programs/apt.ts";
import { run, succeeds } from "../../../testkit/run.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const page = readFileSync(join(import.meta.dirname, "../../../docs/publishing.md"), "utf8");

test.each([
  { language: "sh", program: "bash", args: ["-c"] },
  { language: "js", program: process.execPath, args: ["--input-type=module", "-e"] },
  { language: "python", program: "python3", args: ["-c"] },
])("the example in $language publishes with the publish token", async ({ language, program, args }) => {
  if (language === "python" && !(await succeeds("python3", ["--version"])))
    await installPackages(["python3"], () => undefined);
  const gateway = await on.gateway({ PUBLISH_TOKEN });
  const ada = await on.connect(gateway, { namespace: "/messaging" });
  await ada.ask("join_room", { room: "team-7" });
  const example = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? "";
  const here = example.replace("chat-server.apps.svc:9090", `127.0.0.1:${gateway.privatePort}`);
  expect(here).not.toBe(example);
  const { PATH } = process.env;
  await run(program, [...args, here], { env: { PATH, REALTIME_PUBLISH_TOKEN: PUBLISH_TOKEN } });
  expect(await ada.next("order:shipped")).toEqual({ id: 4711 });
});
