import { beforeEach, describe, expect, test } from "@jest/globals";
import { SignJWT, UnsecuredJWT } from "jose";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { parseConfig } from "../../src/config.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { JWT_SECRET, testEnvironment } from "../../../testkit/gateway/gateway-settings.ts";
import { startGateway, TestClock, type TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const key = new TextEncoder().encode(JWT_SECRET);
const anHour = () => Math.floor(Date.now() / 1000) + 3600;
const signed = (claims: Record<string, unknown>, alg = "HS256") =>
  new SignJWT({ sub: "ada", exp: anHour(), ...claims }).setProtectedHeader({ alg }).sign(key);

describe("a token is refused", () => {
  test.each<{ name: string; token: () => Promise<string> | string; wantCode?: string; wantMessage: string }>([
    { name: "when it is not a token", token: () => "hello", wantMessage: "not a valid HS256 token" },
    {
      name: "when it is signed with another secret",
      token: () => signToken("another secret of more than 32 bytes!", { sub: "ada" }),
      wantMessage: "signature",
    },
    {
      name: "when it names another algorithm",
      token: () => signed({}, "HS512"),
      wantMessage: "not a valid HS256 token",
    },
    {
      name: "when it is not signed",
      token: () => new UnsecuredJWT({ sub: "ada", exp: anHour() }).encode(),
      wantMessage: "not a valid HS256 token",
    },
    { name: "when it is not valid yet", token: () => signed({ nbf: anHour() }), wantMessage: "not valid yet" },
    { name: "when it has expired", token: () => signed({ exp: 1 }), wantCode: "TOKEN_EXPIRED", wantMessage: "expired" },
    { name: "when it has no sub", token: () => signed({ sub: undefined }), wantMessage: "needs a sub" },
    { name: "when its user is too long", token: () => signed({ sub: "u".repeat(200) }), wantMessage: "needs a sub" },
    { name: "when it has no exp", token: () => signed({ exp: undefined }), wantMessage: "needs an exp" },
    {
      name: "when its rooms are not a list",
      token: () => signed({ rooms: { team: true } }),
      wantMessage: "rooms must be a list",
    },
    {
      name: "when it lists too many rooms",
      token: () => signed({ rooms: Array(300).fill("a") }),
      wantMessage: "rooms must be a list",
    },
    { name: "when it is longer than the limit", token: () => "a".repeat(9_000), wantMessage: "longer than" },
  ])("$name", async ({ token, wantCode = "UNAUTHENTICATED", wantMessage }) => {
    const gateway = await on.gateway();
    expect(await on.refused(gateway, { token: await token() })).toEqual({
      code: wantCode,
      message: expect.stringContaining(wantMessage),
    });
    expect(gateway.ledger.state().connections).toBe(0);
  });
});

test("takes a token from the Authorization header, and not from the query", async () => {
  const gateway = await on.gateway();
  const token = await signToken(JWT_SECRET, { sub: "ada" });
  const ada = await on.connect(gateway, {
    token: null,
    options: { extraHeaders: { authorization: `Bearer ${token}` } },
  });
  expect((await ada.next("connected"))["userId"]).toBe("ada");
  expect(await on.refused(gateway, { token: null, options: { query: { token } } })).toMatchObject({
    code: "UNAUTHENTICATED",
  });
});

test("accepts tokens of an old and a new secret while both are configured", async () => {
  const next = "f".repeat(8) + JWT_SECRET;
  const gateway = await on.gateway({ JWT_SECRET: `${next}\n${JWT_SECRET}\n` });
  for (const secret of [JWT_SECRET, next])
    await on.connect(gateway, { token: await signToken(secret, { sub: "ada" }) });
});

test("refuses another user in the second namespace of a connection", async () => {
  const gateway = await on.gateway();
  const ada = await on.connect(gateway, { user: "ada" });
  const bob = ada.enter("/messaging", await signToken(JWT_SECRET, { sub: "bob" }));
  const refusal = await new Promise((resolve) =>
    bob.socket.on("connect_error", (error) => resolve((error as Error & { data: unknown }).data)),
  );
  expect(refusal).toMatchObject({ code: "FORBIDDEN" });
  expect(ada.socket.connected).toBe(true);
});

test.each<{ name: string; env: Record<string, string> }>([
  { name: "none", env: { JWT_SECRET: "" } },
  { name: "a short secret", env: { JWT_SECRET: "short" } },
  { name: "a well-known default", env: { JWT_SECRET: "change-me-in-production-please-please" } },
  { name: "a secret of a few characters", env: { JWT_SECRET: "abababababababababababababababababab" } },
  { name: "a weak secret next to a strong one", env: { JWT_SECRET: `${JWT_SECRET}\nweak` } },
])("a gateway does not start with this secret: $name", async ({ env }) => {
  expect(parseConfig({ ...testEnvironment, ...env })).toEqual({ problems: [expect.stringMatching(/^JWT_SECRET /)] });
  await expect(startGateway(env)).rejects.toThrow("JWT_SECRET");
});

describe("a token that expires", () => {
  let clock: TestClock;
  let gateway: TestGateway;
  beforeEach(async () => {
    clock = new TestClock();
    gateway = await on.gateway({}, clock);
  });

  test("is announced, then its connection is closed in a way that makes a stock client reconnect with a fresh token", async () => {
    let now = 0;
    const auth = (give: (data: object) => void) =>
      void signToken(JWT_SECRET, { sub: "ada", lifetimeSeconds: now + 600 }).then((token) => give({ token }));
    const ada = await on.connect(gateway, {
      token: null,
      options: { auth, reconnection: true, reconnectionDelay: 1, randomizationFactor: 0 },
    });
    clock.advance(595_000);
    const { expiresAt } = await ada.next("token:expiring");
    expect(Date.parse(String(expiresAt))).toBeGreaterThan(clock.nowMs());
    now = 600;
    clock.advance(10_000);
    expect(await ada.next("error")).toMatchObject({ code: "TOKEN_EXPIRED" });
    await until("ada to be back", async () => ada.all("connected").length === 2, 30_000, 5);
    expect(ada.disconnects).toEqual(["transport close"]);
    expect(await metricOf(gateway, "realtime_closed_total", { reason: "token expired" })).toBe(1);
  });

  test("is replaced by refresh_token, and the connection stays open", async () => {
    const ada = await on.connect(gateway, { lifetimeSeconds: 600 });
    clock.advance(595_000);
    await ada.next("token:expiring");
    const fresh = await signToken(JWT_SECRET, { sub: "ada", lifetimeSeconds: 7200, rooms: ["other"] });
    expect(await ada.ask("refresh_token", { token: fresh })).toEqual({ success: true, expiresAt: expect.any(String) });
    clock.advance(60_000);
    // Advance the clock until the gateway gives notice that the new token expires soon. By then, it has checked all
    // tokens at least once after the old token expired.
    clock.advance(7200_000 - 660_000);
    await until("the second notice", async () => ada.all("token:expiring").length === 2, 30_000, 5);
    expect(ada.disconnects).toEqual([]);
    expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ code: "FORBIDDEN" });
    expect(await ada.ask("join_room", { room: "other" })).toMatchObject({ success: true });
  });

  test.each<{ name: string; token: () => Promise<string>; want: string }>([
    { name: "another user's token", token: () => signToken(JWT_SECRET, { sub: "bob" }), want: "FORBIDDEN" },
    {
      name: "an expired one",
      token: () => signToken(JWT_SECRET, { sub: "ada", lifetimeSeconds: -5 }),
      want: "TOKEN_EXPIRED",
    },
    { name: "rubbish", token: async () => "rubbish", want: "UNAUTHENTICATED" },
  ])("is not renewed by $name", async ({ token, want }) => {
    const ada = await on.connect(gateway);
    expect(await ada.ask("refresh_token", { token: await token() })).toMatchObject({ success: false, code: want });
  });
});

describe("a revocation", () => {
  test("of a token closes its connections and refuses the token from then on, and the user's other tokens still work", async () => {
    const gateway = await on.gateway();
    const [one, other] = [await on.connect(gateway, { jti: "one" }), await on.connect(gateway, { jti: "other" })];
    expect(await callApi(gateway, "/api/revoke", { body: { tokenId: "one" } })).toMatchObject({
      status: 200,
      body: { revoked: true },
    });
    expect(await one.next("error")).toMatchObject({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining("revoked"),
    });
    await until("the connection to be closed", async () => one.disconnects.length === 1, 30_000, 5);
    expect(await on.refused(gateway, { jti: "one" })).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await other.ask("join_room", { room: "a" })).toMatchObject({ success: true });
  });

  test("of a user covers every token issued before it, and no token issued after it", async () => {
    const clock = new TestClock();
    const gateway = await on.gateway({}, clock);
    const before = await signToken(JWT_SECRET, { sub: "ada" });
    const ada = await on.connect(gateway, { token: before });
    const bob = await on.connect(gateway, { user: "bob" });
    clock.advance(2_000);
    await callApi(gateway, "/api/revoke", { body: { userId: "ada" } });
    await until("ada to be closed", async () => ada.disconnects.length === 1, 30_000, 5);
    expect(await on.refused(gateway, { token: before })).toMatchObject({ code: "UNAUTHENTICATED" });
    const after = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("ada")
      .setIssuedAt(Math.floor(clock.nowMs() / 1000) + 1)
      .setExpirationTime("2h")
      .sign(key);
    await on.connect(gateway, { token: after });
    expect(bob.socket.connected).toBe(true);
  });

  test("of a user refuses a token of about the same time only for now, so a stock client brings a newer one", async () => {
    const gateway = await on.gateway();
    await callApi(gateway, "/api/revoke", { body: { userId: "ada" } });
    await on.turnedAway(gateway, "UNAUTHENTICATED", { token: await signToken(JWT_SECRET, { sub: "ada" }) });
  });
});
