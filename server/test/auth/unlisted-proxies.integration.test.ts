import { expect, test } from "@jest/globals";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { stage } from "../support/stage.ts";

const on = stage();

/**
 * Connects clients with 25 different IP addresses. All of them come through one Cloudflare address and the proxy on
 * loopback.
 */
async function clientsThrough(trusted: string): Promise<unknown> {
  const gateway = await on.gateway({ TRUSTED_PROXIES: trusted });
  for (let index = 1; index <= 25; index += 1) {
    const forwarded = { "x-forwarded-for": `203.0.113.${index}, 104.16.0.9` };
    await on.connect(gateway, { user: `user-${index}`, options: { extraHeaders: forwarded } });
  }
  return (await callApi(gateway, "/api/websocket/health")).body;
}

test("the health answer names the network of a proxy that is not trusted when most clients come through it", async () => {
  expect(await clientsThrough("private")).toMatchObject({ unlistedProxy: "cloudflare" });
});

test("the health answer names no proxy when all are trusted", async () => {
  expect(await clientsThrough("private,cloudflare")).not.toHaveProperty("unlistedProxy");
});
