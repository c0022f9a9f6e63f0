import { expect, test } from "@jest/globals";
import { ADMIN_TOKEN } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { stage } from "../support/stage.ts";

const on = stage();

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
