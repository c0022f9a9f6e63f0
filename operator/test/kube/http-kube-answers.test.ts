import { describe, expect, test } from "@jest/globals";
import { resources } from "../../src/api/resources.ts";
import { configMapList, configMap, refusal, respondingServers, status } from "./responding-server.ts";
import type { WatchEvent } from "../../src/kube/kube.ts";

const { configMaps } = resources;
const serve = respondingServers();

describe("a 200 response with the wrong content is a ConnectionError", () => {
  test.each([
    {
      name: "null instead of an object",
      body: "null",
      want: /GET .*configmaps\/a: the response is not ConfigMap a but JSON without a kind/,
    },
    { name: "an empty object", body: "{}", want: /not ConfigMap a but JSON without a kind/ },
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
    { name: "an empty object, which is not an empty list", body: "{}", want: /not a list of configmaps/ },
    { name: "a Status", body: status(200), want: /not a list of configmaps but Status/ },
    {
      name: "a list of another kind",
      body: configMapList({ kind: "SecretList" }),
      want: /not a list of configmaps but SecretList/,
    },
    {
      name: "a list without a resourceVersion",
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
    { name: "an empty object", body: "{}" },
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

async function drain(events: AsyncIterable<WatchEvent>, into: WatchEvent[] = []): Promise<WatchEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}
