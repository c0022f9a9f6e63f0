import { expect, test } from "@jest/globals";
import { ADMIN_TOKEN, PUBLISH_TOKEN } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { contract } from "../../src/contract.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const { publish, ...others } = contract.paths;

test("accepts the admin token in a separate header, which the API server's proxy to pods passes on", async () => {
  const gateway = await on.gateway();
  expect(
    (await callApi(gateway, "/config", { token: null, headers: { "x-realtime-token": ADMIN_TOKEN } })).status,
  ).toBe(200);
});

test.each([
  { when: "it is missing", headers: {} },
  { when: "it is a wrong one", headers: { "x-realtime-token": `${ADMIN_TOKEN}.` } },
  { when: "it is empty", headers: { "x-realtime-token": "" } },
  {
    when: "a wrong Authorization comes with it",
    headers: { "x-realtime-token": ADMIN_TOKEN, authorization: "Bearer wrong" },
  },
])("the private API is closed when $when", async ({ headers }) => {
  const gateway = await on.gateway();
  expect((await callApi(gateway, "/config", { token: null, headers })).status).toBe(401);
});

test("the publish token may publish, as the admin token may", async () => {
  const gateway = await on.gateway({ PUBLISH_TOKEN });
  const body = { room: "team", event: "news" };
  for (const token of [PUBLISH_TOKEN, ADMIN_TOKEN])
    expect(await callApi(gateway, publish, { token, body })).toMatchObject({ status: 200, body: { published: true } });
  expect((await callApi(gateway, publish, { token: `${PUBLISH_TOKEN}.`, body })).status).toBe(401);
});

test("the publish token may publish when there is no admin token", async () => {
  const gateway = await on.gateway({ PUBLISH_TOKEN, ADMIN_TOKEN: "" });
  const body = { room: "team", event: "news" };
  expect((await callApi(gateway, publish, { token: PUBLISH_TOKEN, body })).status).toBe(200);
  expect((await callApi(gateway, publish, { token: ADMIN_TOKEN, body })).status).toBe(401);
});

test.each([
  others.config,
  others.drain,
  others.shed,
  others.disconnect,
  others.revoke,
  others.presence,
  others.cleanup,
])("the publish token does not open %s", async (path) => {
  const gateway = await on.gateway({ PUBLISH_TOKEN });
  const isRead = path === others.config || path === others.presence;
  const reply = await callApi(gateway, path, { token: PUBLISH_TOKEN, ...(isRead ? {} : { body: {} }) });
  expect(reply).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
});
