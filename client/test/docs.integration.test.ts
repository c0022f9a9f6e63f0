// Runs the example of docs/client.md against a real gateway.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { callApi } from "../../testkit/gateway/gateway-api.ts";
import { signToken } from "../../testkit/sign-token.ts";
import { until } from "../../testkit/until.ts";
import { JWT_SECRET } from "../../testkit/gateway/gateway-settings.ts";
import { stage } from "../../server/test/support/stage.ts";
import { realtime } from "../src/realtime.ts";
import { eventually } from "./support.ts";

const on = stage();

interface CaseService {
  connect(): void;
  subscribeToCase(caseId: string): { release(): void };
  onCaseUpdate(listener: (update: unknown) => void): void;
  disconnect(): void;
}

/** The function `caseService` of the page. */
function exampleOfPage(): (url: string, fetchToken: () => Promise<string>) => CaseService {
  const page = readFileSync(join(import.meta.dirname, "../../docs/client.md"), "utf8");
  const [, code = ""] = /```js\n([^`]*export function caseService[^`]*)```/.exec(page) ?? [];
  const body = code.replace(/^import .*$/m, "").replace("export function", "return function");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code is from our own page
  return (new Function("realtime", body) as (client: typeof realtime) => ReturnType<typeof exampleOfPage>)(realtime);
}

test("the service for updates of cases gets the updates of its case when it has subscribed", async () => {
  const gateway = await on.gateway();
  const fetchToken = (): Promise<string> => signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] });
  const service = exampleOfPage()(`http://127.0.0.1:${gateway.publicPort}`, fetchToken);
  on.defer(() => service.disconnect());
  const updates: unknown[] = [];
  service.connect();
  service.onCaseUpdate((update) => updates.push(update));
  service.subscribeToCase("42");
  const presence = async (): Promise<unknown> =>
    (await callApi(gateway, "/api/presence?namespace=/events&room=case:42")).body["participantCount"];
  await until("the subscription", async () => (await presence()) === 1, 30_000, 5);
  for (const caseId of ["41", "42"])
    await callApi(gateway, "/api/publish", {
      body: { caseId, event: "case:updated", data: { caseId, state: "open" } },
    });
  await eventually("the update", () => updates.length > 0);
  expect(updates).toEqual([{ caseId: "42", state: "open" }]);
  service.disconnect();
  await until("the end of the connection", async () => gateway.gateway.connections.size === 0, 30_000, 5);
});
