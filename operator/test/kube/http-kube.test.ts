// A misbehaving server. The contract suite covers a real one.
import { afterEach, describe, expect, test } from "@jest/globals";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resources } from "../../src/api/resources.ts";
import type { Connection, Credentials } from "../../src/kube/http/connection.ts";
import { httpKube } from "../../src/kube/http/http-kube.ts";
import type { WatchEvent } from "../../src/kube/kube.ts";

const { configMaps } = resources;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A Kube on a server with the given responses. */
async function serve(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  options: { timeoutMs?: number; credentials?: Credentials } = {},
) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(response, request);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const forgotten: string[] = [];
  const { port } = server.address() as AddressInfo;
  const connection: Connection = {
    server: `http://127.0.0.1:${port}/behind/a/proxy/`,
    userAgent: "realtime-operator/test",
    credentials: async () => options.credentials ?? {},
    forgetCredentials: () => forgotten.push("forgotten"),
  };
  return {
    kube: httpKube(connection, options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    requests,
    forgotten,
    port,
  };
}

const status = (code: number, body: object = {}) =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, ...body });
const configMap = (metadata: object = {}) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", uid: "u", resourceVersion: "2", ...metadata },
  });
const configMapList = (change: object = {}) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMapList", metadata: { resourceVersion: "7" }, items: [], ...change });
const refusal =
  (code: number, body: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end(body);

describe("a refusal", () => {
  test.each([
    {
      name: "a Status says its message, reason and causes",
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
      name: "a header says when to come again",
      answer: refusal(429, status(429), { "retry-after": "7" }),
      want: { status: 429, reason: "TooManyRequests", retryAfterMs: 7_000 },
    },
    {
      name: "so do a Status's details",
      answer: refusal(504, status(504, { details: { retryAfterSeconds: 3 } })),
      want: { status: 504, reason: "Timeout", retryAfterMs: 3_000 },
    },
    {
      name: "years are not believed",
      answer: refusal(503, status(503), { "retry-after": "999999999" }),
      want: { status: 503, retryAfterMs: 300_000 },
    },
    {
      name: "a date and a time that has passed are none",
      answer: refusal(503, status(503, { details: { retryAfterSeconds: -5 } }), {
        "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT",
      }),
      want: { status: 503, retryAfterMs: undefined },
    },
    {
      name: "causes that are none are left out",
      answer: refusal(403, status(403, { details: { causes: [null, "x", { reason: "NamespaceTerminating" }] } })),
      want: { status: 403, causes: [{ reason: "NamespaceTerminating" }] },
    },
    {
      name: "a time that makes no sense is none",
      answer: refusal(503, status(503), { "retry-after": "soon" }),
      want: { status: 503, reason: "ServiceUnavailable", retryAfterMs: undefined },
    },
    {
      name: "a load balancer's page is one too",
      answer: refusal(502, "<html>Bad Gateway</html>"),
      want: { status: 502, reason: "Unknown", message: "HTTP 502: <html>Bad Gateway</html>" },
    },
    {
      name: "so is nothing at all",
      answer: refusal(500, ""),
      want: { status: 500, reason: "InternalError", message: "HTTP 500: no reason given" },
    },
    {
      name: "so is a redirect",
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
      name: "one that is cut short",
      answer: (response: ServerResponse) =>
        void (response.writeHead(200, { "content-length": "100" }).write("{"), setImmediate(() => response.destroy())),
      want: /GET .*configmaps\/a: aborted/,
    },
    { name: "one that is not JSON", answer: refusal(200, "<html>"), want: /GET .*: .*JSON/ },
    {
      name: "one that is too long",
      answer: refusal(200, `"${"x".repeat(9 * 1024 * 1024)}"`),
      want: /more than 8388608 bytes/,
    },
    { name: "none in time", timeoutMs: 100, answer: () => undefined, want: /no answer within 0.1 s/ },
    {
      name: "one that begins in time and does not end",
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
    const { kube, port } = await serve(() => undefined);
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
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

describe("a 200 response with the wrong content is a ConnectionError", () => {
  test.each([
    {
      name: "null instead of an object",
      body: "null",
      want: /GET .*configmaps\/a: the response is not ConfigMap a but JSON without a kind/,
    },
    { name: "an object of nothing", body: "{}", want: /not ConfigMap a but JSON without a kind/ },
    {
      name: "one without metadata",
      body: JSON.stringify({ kind: "ConfigMap" }),
      want: /not ConfigMap a but ConfigMap/,
    },
    { name: "one of another name", body: configMap({ name: "b" }), want: /not ConfigMap a but ConfigMap b/ },
    { name: "one without a uid", body: configMap({ uid: undefined }), want: /not ConfigMap a/ },
    { name: "a Status", body: status(200), want: /not ConfigMap a but Status/ },
  ])("$name", async ({ body, want }) => {
    const { kube } = await serve(refusal(200, body));
    const wanted = { name: "ConnectionError", message: expect.stringMatching(want) };
    await expect(kube.get(configMaps, "default", "a")).rejects.toMatchObject(wanted);
    await expect(
      kube.apply(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } }),
    ).rejects.toMatchObject({ name: "ConnectionError" });
  });

  test.each([
    {
      name: "null instead of a list",
      body: "null",
      want: /GET .*configmaps: the response is not a list of configmaps but JSON without a kind/,
    },
    { name: "an object of nothing, which is no empty list", body: "{}", want: /not a list of configmaps/ },
    { name: "a Status", body: status(200), want: /not a list of configmaps but Status/ },
    {
      name: "a list of another kind",
      body: configMapList({ kind: "SecretList" }),
      want: /not a list of configmaps but SecretList/,
    },
    {
      name: "a list that does not say where it stands",
      body: configMapList({ metadata: {} }),
      want: /not a list of configmaps/,
    },
    { name: "items that are no list", body: configMapList({ items: {} }), want: /not a list of configmaps/ },
    { name: "an item that is null", body: configMapList({ items: [null] }), want: /an item without a name or uid/ },
    {
      name: "an item without metadata",
      body: configMapList({ items: [{ data: {} }] }),
      want: /an item without a name or uid/,
    },
  ])("$name", async ({ body, want }) => {
    const { kube } = await serve(refusal(200, body));
    await expect(kube.list(configMaps, { namespace: "default" })).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringMatching(want),
    });
  });

  test("reads a list with null items as empty, as Go encodes it", async () => {
    const { kube } = await serve(refusal(200, configMapList({ items: null })));
    expect(await kube.list(configMaps, {})).toEqual({ items: [], resourceVersion: "7" });
  });

  test.each([
    { name: "a page of nothing", body: "{}" },
    { name: "a list of groups instead of kinds", body: JSON.stringify({ kind: "APIGroupList", groups: [] }) },
  ])("$name is no list of kinds: it would tell that none is installed", async ({ body }) => {
    const { kube } = await serve(refusal(200, body));
    await expect(kube.discover("keda.sh", "v1alpha1")).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringContaining("GET /apis/keda.sh/v1alpha1: the response is not an APIResourceList"),
    });
  });
});

describe("a request", () => {
  test("is sent below the server's path, with our user agent and the credentials", async () => {
    const { kube, requests } = await serve(refusal(200, configMapList()), {
      credentials: { headers: { Authorization: "Bearer t" } },
    });
    await kube.list(configMaps, { namespace: "a b", labelSelector: "x in (y)", limit: 2 });
    expect(requests[0]?.url).toBe(
      "/behind/a/proxy/api/v1/namespaces/a%20b/configmaps?labelSelector=x+in+%28y%29&limit=2",
    );
    expect(requests[0]?.headers).toMatchObject({
      "user-agent": "realtime-operator/test",
      authorization: "Bearer t",
      accept: "application/json",
    });
  });

  test("reuses the connection, except for a watch", async () => {
    const { kube, requests } = await serve((response, { url }) =>
      response.end(configMap({ name: new URL(url ?? "", "http://x").pathname.split("/").at(-1) })),
    );
    await kube.get(configMaps, "default", "a");
    await kube.get(configMaps, "default", "b");
    await drain(
      kube.watch(configMaps, { resourceVersion: "1", timeoutSeconds: 1 }, new AbortController().signal),
    ).catch(() => undefined);
    const ports = requests.map((request) => request.socket.remotePort);
    expect(ports[1]).toBe(ports[0]);
    expect(ports[2]).not.toBe(ports[0]);
  });
});

describe("a watch", () => {
  const event = (name: string) =>
    JSON.stringify({
      type: "ADDED",
      object: { kind: "ConfigMap", metadata: { name, uid: "u", resourceVersion: "2" } },
    });
  const watch = (kube: Awaited<ReturnType<typeof serve>>["kube"], signal = new AbortController().signal) =>
    kube.watch(configMaps, { namespace: "default", resourceVersion: "1", timeoutSeconds: 300 }, signal);

  test("asks for bookmarks and sends its time limit", async () => {
    const { kube, requests } = await serve((response) => response.end());
    expect(await drain(watch(kube))).toEqual([]);
    expect(Object.fromEntries(new URL(requests[0]?.url ?? "", "http://x").searchParams)).toEqual({
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: "1",
      timeoutSeconds: "300",
    });
  });

  test("is read line by line however the network splits it", async () => {
    const bytes = Buffer.from(`${event("ä€😀")}\n\n${event("b")}\n${event("no newline at the end")}`);
    const { kube } = await serve((response) => {
      const send = (from: number) =>
        from >= bytes.length ? response.end() : response.write(bytes.subarray(from, from + 1), () => send(from + 1));
      send(0);
    });
    expect(
      (await drain(watch(kube))).map(
        (told) => told.type !== "ERROR" && "name" in told.object.metadata && told.object.metadata.name,
      ),
    ).toEqual(["ä€😀", "b", "no newline at the end"]);
  });

  test.each([
    {
      name: "a connection that breaks",
      answer: (response: ServerResponse) => void response.write(`${event("a")}\n`, () => response.destroy()),
      want: /aborted/,
    },
    {
      name: "a line that was cut off",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n{"type":`),
      want: /not JSON/,
    },
    {
      name: "a line without end",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n${"x".repeat(9 * 1024 * 1024)}`),
      want: /more than 8388608 bytes/,
    },
    {
      name: "an event of no kind",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n{"type":"PATCHED","object":{}}\n`),
      want: /invalid watch event of type "PATCHED"/,
    },
    {
      name: "an event without an object",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n{"type":"ADDED"}\n`),
      want: /invalid watch event of type "ADDED"/,
    },
    {
      name: "an event of an object of another kind",
      answer: (response: ServerResponse) =>
        void response.end(`${event("a")}\n${event("b").replace("ConfigMap", "Secret")}\n`),
      want: /invalid watch event of type "ADDED"/,
    },
    {
      name: "an event of an object without a uid",
      answer: (response: ServerResponse) =>
        void response.end(`${event("a")}\n${event("b").replace('"uid":"u"', '"uid":null')}\n`),
      want: /invalid watch event of type "ADDED"/,
    },
    {
      name: "a line that is null",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\nnull\n`),
      want: /invalid watch event/,
    },
  ])("$name throws a ConnectionError after what came before it", async ({ answer, want }) => {
    const { kube } = await serve(answer);
    const told: WatchEvent[] = [];
    await expect(drain(watch(kube), told)).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringMatching(want),
    });
    expect(told).toHaveLength(1);
  });

  test("ends and closes its connection when aborted, before and after the response", async () => {
    for (const answer of [() => undefined, (response: ServerResponse) => void response.write(`${event("a")}\n`)]) {
      const stop = new AbortController();
      const closed = Promise.withResolvers<void>();
      const { kube } = await serve((response, request) => {
        request.socket.on("close", () => closed.resolve());
        answer(response);
        setImmediate(() => stop.abort());
      });
      await drain(watch(kube, stop.signal));
      await closed.promise;
    }
  });

  test("closes its connection when its reader stops", async () => {
    const closed = Promise.withResolvers<void>();
    const { kube } = await serve((response, request) => {
      request.socket.on("close", () => closed.resolve());
      response.write(`${event("a")}\n`);
    });
    for await (const told of watch(kube)) {
      expect(told.type).toBe("ADDED");
      break;
    }
    await closed.promise;
  });

  test("yields an ERROR event instead of throwing", async () => {
    const { kube } = await serve((response) =>
      response.end(
        JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } }),
      ),
    );
    expect(await drain(watch(kube))).toEqual([{ type: "ERROR", code: 410, reason: "Expired", message: "too old" }]);
  });

  test("yields an ERROR event without content as 'no reason given'", async () => {
    const { kube } = await serve((response) =>
      response.end(JSON.stringify({ type: "ERROR", object: { code: "410", message: {}, reason: "" } })),
    );
    expect(await drain(watch(kube))).toEqual([
      { type: "ERROR", code: 410, reason: "Unknown", message: "no reason given" },
    ]);
  });
});

async function drain(events: AsyncIterable<WatchEvent>, into: WatchEvent[] = []): Promise<WatchEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}
