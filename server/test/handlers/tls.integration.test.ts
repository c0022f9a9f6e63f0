import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { testAuthority, type Certificate } from "../../../testkit/certificates.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
let certificate: Certificate;
let app: AppServer;

beforeEach(async () => {
  const authority = await testAuthority();
  on.defer(() => authority.remove());
  certificate = await authority.issue("orders", "IP:127.0.0.1");
  app = await startAppServer(() => ({ ack: "over TLS" }), certificate);
});
afterEach(() => app.stop());

async function placed(
  url: string,
  env: Record<string, string> = {},
): Promise<{ gateway: GatewayProcess; ack: unknown }> {
  const entry = { name: "orders", url, events: ["order:*"] };
  const gateway = await on.child({ ...handlersEnvironment(entry), ...env });
  const ada = await on.connect(gateway);
  return { gateway, ack: await ada.ask("order:place", {}) };
}

describe("a handler with https", () => {
  test("is called when NODE_EXTRA_CA_CERTS has its authority", async () => {
    const { ack } = await placed(app.url, { NODE_EXTRA_CA_CERTS: certificate.ca });
    expect(ack).toBe("over TLS");
  });

  test.each<{ name: string; urlOf: () => string; env: () => Record<string, string> }>([
    { name: "its authority is unknown", urlOf: () => app.url, env: () => ({}) },
    {
      name: "its certificate has another name",
      urlOf: () => app.url.replace("127.0.0.1", "localhost"),
      env: () => ({ NODE_EXTRA_CA_CERTS: certificate.ca }),
    },
  ])("gets no request when $name, and the reason is tls", async ({ urlOf, env }) => {
    const { gateway, ack } = await placed(urlOf(), env());
    expect(ack).toMatchObject({ success: false, code: "HANDLER_UNAVAILABLE" });
    expect(await metricOf(gateway, "realtime_handler_seconds_count", { result: "tls" })).toBe(1);
    expect(app.got).toEqual([]);
    expect(gateway.log().find(({ msg }) => msg === "handler request failed")).toMatchObject({ reason: "tls" });
  });

  test("is refused with the reason tls when it speaks plain HTTP", async () => {
    const plain = await startAppServer();
    on.defer(() => plain.stop());
    const { gateway } = await placed(plain.url.replace("http:", "https:"));
    expect(await metricOf(gateway, "realtime_handler_seconds_count", { result: "tls" })).toBe(1);
  });
});
