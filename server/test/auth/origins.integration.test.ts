import { describe, expect, test } from "@jest/globals";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const app = "https://app.example.com";

describe.each(["websocket", "polling"])("over %s", (transport) => {
  const start = (allowed: string) => on.gateway({ WS_TRANSPORTS: "websocket,polling", REALTIME_CORS_ORIGIN: allowed });
  const from = (origin: string | undefined) => ({
    options: { transports: [transport], ...(origin === undefined ? {} : { extraHeaders: { origin } }) },
  });

  test.each<{ name: string; allowed: string; origin: string | undefined }>([
    { name: "an allowed origin", allowed: `https://other.example.com,${app}`, origin: app },
    { name: "a client without an origin, which is no browser", allowed: app, origin: undefined },
    { name: "any origin where all are allowed", allowed: "*", origin: "https://anywhere.example.com" },
  ])("$name may connect", async ({ allowed, origin }) => {
    await on.connect(await start(allowed), from(origin));
  });

  test.each<{ name: string; allowed: string; origin: string }>([
    { name: "another host", allowed: app, origin: "https://evil.example.com" },
    { name: "another scheme", allowed: app, origin: "http://app.example.com" },
    { name: "another port", allowed: app, origin: `${app}:8443` },
    { name: "a longer name that begins with the allowed one", allowed: app, origin: `${app}.evil.example` },
    { name: "a sandboxed page", allowed: app, origin: "null" },
    { name: "any page where no origin is listed", allowed: "", origin: app },
  ])("$name may not", async ({ allowed, origin }) => {
    const gateway = await start(allowed);
    expect(await on.refused(gateway, from(origin))).toMatchObject({ code: "ORIGIN_REFUSED" });
    expect(gateway.ledger.state().connections).toBe(0);
  });

  test("applies a changed list while it runs", async () => {
    const gateway = await start(app);
    expect(await on.refused(gateway, from("https://new.example.com"))).toMatchObject({ code: "ORIGIN_REFUSED" });
    await callApi(gateway, "/config", { method: "PUT", body: { generation: 1, origins: ["https://new.example.com"] } });
    await on.connect(gateway, from("https://new.example.com"));
    expect(await on.refused(gateway, from(app))).toMatchObject({ code: "ORIGIN_REFUSED" });
  });
});

test("a page of a refused origin cannot read the answers of polling", async () => {
  const gateway = await on.gateway({ WS_TRANSPORTS: "polling", REALTIME_CORS_ORIGIN: app });
  const ask = (origin: string) =>
    fetch(`http://127.0.0.1:${gateway.publicPort}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
  expect((await ask(app)).headers.get("access-control-allow-origin")).toBe(app);
  expect((await ask("https://evil.example.com")).headers.get("access-control-allow-origin")).toBeNull();
});

test("a native app that names the gateway's own host may connect, over WebSocket and polling", async () => {
  const gateway = await on.gateway({ WS_TRANSPORTS: "websocket,polling", REALTIME_CORS_ORIGIN: app });
  for (const transport of ["websocket", "polling"]) {
    const origin = `http://127.0.0.1:${gateway.publicPort}`;
    await on.connect(gateway, { options: { transports: [transport], extraHeaders: { origin } } });
  }
});

describe("a page of an allowed origin can read", () => {
  const path = "/socket.io/?EIO=4&transport=polling";
  const ask = (port: number, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { origin: app, ...init.headers } });

  test.each<{ name: string; transports: string; drains: boolean; wantStatus: number }>([
    { name: "that polling is off", transports: "websocket", drains: false, wantStatus: 400 },
    { name: "that the gateway drains", transports: "websocket,polling", drains: true, wantStatus: 503 },
    { name: "an answer", transports: "websocket,polling", drains: false, wantStatus: 200 },
  ])("$name", async ({ transports, drains, wantStatus }) => {
    const gateway = await on.gateway({ WS_TRANSPORTS: transports, REALTIME_CORS_ORIGIN: app });
    if (drains) gateway.gateway.refuseNewcomers();
    const response = await ask(gateway.publicPort);
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([wantStatus, app]);
    expect(response.headers.get("vary")).toBe("Origin");
    const preflight = await ask(gateway.publicPort, {
      method: "OPTIONS",
      headers: { "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([204, "content-type"]);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(app);
  });
});
