// Tests the HTTP client with servers that misbehave. The contract tests use a real API server.
import { describe, expect, test } from "@jest/globals";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { resources } from "../../src/api/resources.ts";
import { httpKube } from "../../src/kube/http/http-kube.ts";
import { configMap, refusal, respondingServers, status } from "./responding-server.ts";

const { configMaps } = resources;
const serve = respondingServers();

describe("a refusal", () => {
  test.each([
    {
      name: "a Status has message, reason and causes",
      answer: refusal(
        422,
        status(422, { message: "bad", reason: "Invalid", details: { causes: [{ field: "spec.a", message: "no" }] } }),
      ),
      want: {
        status: 422,
        reason: "Invalid",
        message: "bad",
        causes: [{ field: "spec.a", message: "no" }],
        retryAfterMs: undefined,
      },
    },
    {
      name: "a header gives the retry time",
      answer: refusal(429, status(429), { "retry-after": "7" }),
      want: { status: 429, reason: "TooManyRequests", retryAfterMs: 7_000 },
    },
    {
      name: "a Status's details give the retry time",
      answer: refusal(504, status(504, { details: { retryAfterSeconds: 3 } })),
      want: { status: 504, reason: "Timeout", retryAfterMs: 3_000 },
    },
    {
      name: "a retry time of years is cut",
      answer: refusal(503, status(503), { "retry-after": "999999999" }),
      want: { status: 503, retryAfterMs: 300_000 },
    },
    {
      name: "a date and a past time give no retry time",
      answer: refusal(503, status(503, { details: { retryAfterSeconds: -5 } }), {
        "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT",
      }),
      want: { status: 503, retryAfterMs: undefined },
    },
    {
      name: "invalid causes are ignored",
      answer: refusal(403, status(403, { details: { causes: [null, "x", { reason: "NamespaceTerminating" }] } })),
      want: { status: 403, causes: [{ reason: "NamespaceTerminating" }] },
    },
    {
      name: "an invalid time gives no retry time",
      answer: refusal(503, status(503), { "retry-after": "soon" }),
      want: { status: 503, reason: "ServiceUnavailable", retryAfterMs: undefined },
    },
    {
      name: "a load balancer's page",
      answer: refusal(502, "<html>Bad Gateway</html>"),
      want: { status: 502, reason: "Unknown", message: "HTTP 502: <html>Bad Gateway</html>" },
    },
    {
      name: "an empty response",
      answer: refusal(500, ""),
      want: { status: 500, reason: "InternalError", message: "HTTP 500: no reason given" },
    },
    {
      name: "a redirect",
      answer: refusal(302, "", { location: "http://elsewhere.example" }),
      want: { status: 302, reason: "Unknown" },
    },
    {
      name: "JSON of another shape is no Status",
      answer: refusal(400, JSON.stringify({ kind: "Status", message: { a: 1 }, details: { causes: "x" } })),
      want: { status: 400, reason: "BadRequest", causes: [] },
    },
  ])("$name", async ({ answer, want }) => {
    const { kube } = await serve(answer);
    await expect(kube.get(configMaps, "default", "a")).rejects.toMatchObject({ name: "ApiError", ...want });
  });

  test("reads the credentials again after a 401", async () => {
    const { kube, forgotten } = await serve(refusal(401, status(401)));
    await expect(kube.get(configMaps, "default", "a")).rejects.toMatchObject({ status: 401 });
    expect(forgotten).toEqual(["forgotten"]);
  });

  test("remove returns false after a 409 only when another object has the name", async () => {
    const answers = (uid: string) => (response: ServerResponse, request: IncomingMessage) =>
      void (request.method === "DELETE"
        ? response.writeHead(409).end(status(409, { reason: "Conflict" }))
        : response.end(configMap({ uid })));
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default", uid: "ours" } };
    expect(await (await serve(answers("another"))).kube.remove(configMaps, object)).toBe(false);
    await expect((await serve(answers("ours"))).kube.remove(configMaps, object)).rejects.toMatchObject({ status: 409 });
  });
});

describe("a response that cannot be parsed", () => {
  test.each([
    {
      name: "a body that ends early",
      answer: (response: ServerResponse) =>
        void (response.writeHead(200, { "content-length": "100" }).write("{"), setImmediate(() => response.destroy())),
      want: /GET .*configmaps\/a: aborted/,
    },
    { name: "a body that is not JSON", answer: refusal(200, "<html>"), want: /GET .*: .*JSON/ },
    {
      name: "a body that is too long",
      answer: refusal(200, `"${"x".repeat(9 * 1024 * 1024)}"`),
      want: /more than 8388608 bytes/,
    },
    { name: "no response in time", timeoutMs: 100, answer: () => undefined, want: /no answer within 0.1 s/ },
    {
      name: "a body that does not end in time",
      timeoutMs: 100,
      answer: (response: ServerResponse) => void response.writeHead(200).write("{"),
      want: /no answer within 0.1 s/,
    },
    {
      name: "a connection that closes",
      answer: (response: ServerResponse) => void response.destroy(),
      want: /GET .*: socket hang up/,
    },
  ])("$name is a ConnectionError", async ({ answer, want, timeoutMs = 5_000 }) => {
    const { kube } = await serve(answer, { timeoutMs });
    await expect(kube.get(configMaps, "default", "a")).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringMatching(want),
    });
  });

  test("throws a ConnectionError when the port is closed", async () => {
    const { kube, port, close } = await serve(() => undefined);
    await close();
    await expect(kube.get(configMaps, "default", "a")).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringContaining(`ECONNREFUSED 127.0.0.1:${port}`),
    });
  });

  test("throws a ConnectionError with the cause when credentials cannot be read", async () => {
    const cause = new Error("the exec plugin is not installed");
    const kube = httpKube({
      server: "http://127.0.0.1:1",
      userAgent: "x",
      credentials: () => Promise.reject(cause),
      forgetCredentials: () => undefined,
    });
    await expect(kube.get(configMaps, "default", "a")).rejects.toMatchObject({ name: "ConnectionError", cause });
  });

  test("ends a call at its time limit when credentials never arrive", async () => {
    const kube = httpKube(
      {
        server: "http://127.0.0.1:1",
        userAgent: "x",
        credentials: () => new Promise(() => undefined),
        forgetCredentials: () => undefined,
      },
      { timeoutMs: 50 },
    );
    await expect(kube.get(configMaps, "default", "a")).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringContaining("no answer within 0.05 s"),
    });
  });

  test("throws the signal's reason when aborted while waiting", async () => {
    const stop = new AbortController();
    const reason = new Error("the operator stops");
    const { kube } = await serve(() => stop.abort(reason));
    await expect(kube.get(configMaps, "default", "a", stop.signal)).rejects.toBe(reason);
  });
});
