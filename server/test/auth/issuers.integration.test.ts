import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { SignJWT } from "jose";
import { testAuthority } from "../../../testkit/certificates.ts";
import { until } from "../../../testkit/until.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { TestClock, type TestGateway } from "../support/gateway.ts";
import { startIdentityProvider, type IdentityProvider } from "../support/identity-provider.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let provider: IdentityProvider;
let clock: TestClock;

beforeEach(async () => {
  provider = await startIdentityProvider();
  on.defer(() => provider.close());
  clock = new TestClock();
});

const start = (...providers: IdentityProvider[]): Promise<TestGateway> =>
  on.gateway(
    { JWT_SECRET: "", JWT_ISSUERS: JSON.stringify([provider, ...providers].map(({ entry }) => entry)) },
    clock,
  );

test.each(["ES256", "RS256", "PS384", "EdDSA"])(
  "accepts a token that a configured issuer signed with %s",
  async (algorithm) => {
    await provider.addKey("one", algorithm);
    const ada = await on.connect(await start(), { token: await provider.sign("one") });
    expect((await ada.next("connected"))["userId"]).toBe("ada");
  },
);

describe("a token is refused", () => {
  test.each<{ name: string; token: (other: IdentityProvider) => Promise<string>; want: string }>([
    { name: "for another audience", token: () => provider.sign("one", { aud: "shop" }), want: "aud" },
    {
      name: "of an issuer that is not configured",
      token: () => provider.sign("one", { iss: "https://evil.example.com" }),
      want: "is not one of the configured issuers",
    },
    {
      name: "without an issuer",
      token: () => provider.sign("one", { iss: undefined }),
      want: "is not one of the configured issuers",
    },
    {
      name: "signed by one issuer and naming another",
      token: (other) => other.sign("one", { iss: provider.issuer }),
      want: "signature",
    },
    {
      name: "with the kid of another issuer's key",
      token: (other) => other.sign("two", { iss: provider.issuer }),
      want: "its issuer does not have its key",
    },
    {
      name: "signed with the public key as if it were a shared secret",
      token: async () =>
        new SignJWT({ iss: provider.issuer, aud: "chat", sub: "ada", exp: 9_999_999_999 })
          .setProtectedHeader({ alg: "HS256", kid: "one" })
          .sign(new TextEncoder().encode(await provider.pem("one"))),
      want: "algorithm is not allowed",
    },
  ])("$name", async ({ token, want }) => {
    const other = await startIdentityProvider("other");
    on.defer(() => other.close());
    await Promise.all([provider.addKey("one"), other.addKey("one"), other.addKey("two")]);
    const gateway = await start(other);
    expect(await on.refused(gateway, { token: await token(other) })).toEqual({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining(want),
    });
  });

  test("that has expired, by its own code", async () => {
    await provider.addKey("one");
    expect(await on.refused(await start(), { token: await provider.sign("one", { exp: 1 }) })).toMatchObject({
      code: "TOKEN_EXPIRED",
    });
  });
});

test("reads the key set once when many tokens have unknown kids, and again after 30 s", async () => {
  await provider.addKey("one");
  await provider.addKey("forged");
  const gateway = await start();
  await on.connect(gateway, { token: await provider.sign("one") });
  provider.withdraw("forged");
  clock.advance(31_000);
  const readsBefore = provider.reads();
  const forged = await provider.sign("forged");
  const crowd = () =>
    Promise.all(Array.from({ length: 20 }, () => on.refused(gateway, { token: forged.replace(/\.[^.]*$/, ".bad0") })));
  // Do not check the message of the refusal. Until the gateway loads the keys again, it still has the withdrawn key and
  // finds a wrong signature. Later it finds no key.
  for (const refusal of await crowd()) expect(refusal.code).toBe("UNAUTHENTICATED");
  clock.advance(700_000);
  await crowd();
  await crowd();
  expect(provider.reads() - readsBefore).toBeLessThanOrEqual(2);
});

test("finds a new key when a token first names it", async () => {
  await provider.addKey("one");
  const gateway = await start();
  await on.connect(gateway, { token: await provider.sign("one") });
  await provider.addKey("two");
  const token = await provider.sign("two");
  expect(await on.refused(gateway, { token })).toMatchObject({ code: "UNAUTHENTICATED" });
  clock.advance(31_000);
  await on.connect(gateway, { token });
});

test("refuses tokens of a withdrawn key after ten minutes", async () => {
  await provider.addKey("one");
  await provider.addKey("two");
  const gateway = await start();
  const withdrawn = await provider.sign("two");
  await on.connect(gateway, { token: withdrawn });
  provider.withdraw("two");
  clock.advance(601_000);
  // Try repeatedly: the first token after ten minutes makes the gateway load the keys, but is itself checked with the
  // old keys.
  await until(
    "the withdrawn key to be refused",
    async () => {
      await on.connect(gateway, { token: await provider.sign("one") });
      return (await on.open(gateway, { token: withdrawn }).then(refusalOrConnected)) === "refused";
    },
    30_000,
    10,
  );
});

test.each<{ name: string; answer: Parameters<IdentityProvider["answer"]>[0] }>([
  { name: "answers with an error", answer: (_request, response) => response.writeHead(500).end() },
  { name: "answers with HTML", answer: (_request, response) => response.end("<html>") },
  {
    name: "redirects elsewhere",
    answer: (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
  },
  { name: "answers without end", answer: (_request, response) => void response.end("x".repeat(1_100_000)) },
  {
    name: "publishes a symmetric key only",
    answer: (_request, response) => response.end(JSON.stringify({ keys: [{ kty: "oct", k: "AAAA", kid: "one" }] })),
  },
])("tells clients to come back when the issuer $name, and accepts them afterwards", async ({ answer }) => {
  await provider.addKey("one");
  provider.answer(answer);
  const gateway = await start();
  const ada = await on.open(gateway, {
    token: await provider.sign("one"),
    options: { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 },
  });
  const refusals = () => metricOf(gateway, "realtime_refusals_total", { code: "ISSUER_UNAVAILABLE" });
  await until("it to be refused twice", async () => (await refusals()) > 1, 30_000, 10);
  expect(await metricOf(gateway, "realtime_issuer_keys_up", { issuer: provider.issuer })).toBe(0);
  const health = async () => (await callApi(gateway, "/api/websocket/health")).body["issuers"];
  expect(await health()).toEqual([{ issuer: provider.issuer, keys: "none", reason: expect.any(String) }]);
  provider.answer(undefined);
  clock.advance(5_000);
  await ada.next("connected");
  expect(await health()).toEqual([{ issuer: provider.issuer, keys: "read" }]);
  expect(await metricOf(gateway, "realtime_issuer_keys_up", { issuer: provider.issuer })).toBe(1);
});

describe("accepts a token whose key is published as a certificate only:", () => {
  test.each(["x5c of a key set", "a map of kids, as Google's x509 endpoints answer"])("%s", async (form) => {
    const authority = await testAuthority();
    on.defer(() => authority.remove());
    const { cert, key } = await authority.issue("signer", "DNS:signer");
    const pem = readFileSync(cert, "utf8");
    const der = new X509Certificate(pem).raw.toString("base64");
    const document = form.startsWith("x5c") ? { keys: [{ kty: "EC", kid: "one", x5c: [der] }] } : { one: pem };
    provider.answer((_request, response) => response.end(JSON.stringify(document)));
    const token = await new SignJWT({ iss: provider.issuer, aud: "chat", sub: "ada", exp: 9_999_999_999 })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .sign(createPrivateKey(readFileSync(key)));
    await on.connect(await start(), { token });
  });
});

test("lets a stock client into its second namespace once the issuer is back, and keeps it in the first", async () => {
  await provider.addKey("one");
  const gateway = await start();
  const ada = await on.connect(gateway, { token: await provider.sign("one") });
  provider.answer((request) => request.destroy());
  await provider.addKey("two");
  // Issue the token later than the last load of the keys. So the gateway knows that its keys may be too old for this
  // token.
  clock.advance(31_000);
  const messaging = ada.enter("/messaging", await provider.sign("two", { iat: Math.floor(clock.nowMs() / 1000) }));
  const refusals = () => metricOf(gateway, "realtime_refusals_total", { code: "ISSUER_UNAVAILABLE" });
  await until("it to be refused", async () => (await refusals()) > 0, 30_000, 10);
  provider.answer(undefined);
  clock.advance(31_000);
  await messaging.next("connected");
  expect(ada.socket.connected).toBe(true);
  expect(ada.all("connected")).toHaveLength(1);
});

test("accepts tokens of known keys while the issuer is away, and counts the failure", async () => {
  await provider.addKey("one");
  const gateway = await start();
  await on.connect(gateway, { token: await provider.sign("one") });
  provider.answer((request) => request.destroy());
  clock.advance(3_600_000);
  const token = await provider.sign("one", { exp: Math.floor(clock.nowMs() / 1000) + 600 });
  await on.connect(gateway, { token });
  await until(
    "the failure to be counted",
    async () => (await metricOf(gateway, "realtime_jwks_failures_total")) > 0,
    30_000,
    10,
  );
  await on.connect(gateway, { token });
});

function refusalOrConnected({ socket }: Awaited<ReturnType<typeof on.open>>): Promise<"refused" | "connected"> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("connect_error", () => resolve("refused"));
  });
}
