import { beforeEach, expect, test } from "@jest/globals";
import { FakePods } from "../../../../testkit/fake-kube/fake-pods.ts";
import { ApiError, ConnectionError } from "../errors.ts";
import { podAccess } from "./pod-access.ts";
import type { PodProxy } from "./pod-proxy.ts";

const pod = { namespace: "apps", name: "chat-server-a", port: 9090 };
const forbidden = new ApiError("pods is forbidden", { status: 403, reason: "Forbidden" });
const late = new ConnectionError("no answer within 3 s");

let proxy: FakePods;
let portForward: FakePods;
beforeEach(() => {
  [proxy, portForward] = [new FakePods(), new FakePods()];
  for (const pods of [proxy, portForward])
    for (const name of ["chat-server-a", "chat-server-b"])
      pods.running.set(`apps/${name}:9090`, ({ path }) => ({ status: 200, body: path }));
});

/** Makes every request to the pods fail with this error. */
function failing(pods: FakePods, error: Error): PodProxy {
  return {
    async ask(...args) {
      await pods.ask(...args);
      throw error;
    },
  };
}

const get = { method: "GET", path: "/api/websocket/health" } as const;
const post = { method: "POST", path: "/shed" } as const;
const paths = ({ requests }: FakePods) => requests.map(({ name, method, path }) => `${name} ${method} ${path}`);

test("uses only the proxy when it works", async () => {
  const access = podAccess({ proxy, portForward });
  expect(await access.ask(pod, get)).toEqual({ status: 200, text: "/api/websocket/health" });
  expect(paths(portForward)).toEqual([]);
});

test.each([
  { when: "the proxy times out", error: late },
  { when: "the user may not use the proxy", error: forbidden },
  { when: "the API server cannot connect", error: new ApiError("i/o timeout", { status: 503, reason: "" }) },
])("uses port-forward, also for the next pods, when $when", async ({ error }) => {
  const access = podAccess({ proxy: failing(proxy, error), portForward });
  expect(await access.ask(pod, get)).toMatchObject({ status: 200 });
  await access.ask(pod, get);
  await access.ask({ ...pod, name: "chat-server-b" }, get);
  expect(paths(proxy)).toEqual(["chat-server-a GET /api/websocket/health"]);
  expect(paths(portForward)).toHaveLength(3);
});

test("sends a command once, by the way that a read has found", async () => {
  const access = podAccess({ proxy: failing(proxy, late), portForward });
  await access.ask(pod, post);
  expect(paths(proxy)).toEqual(["chat-server-a GET /livez"]);
  expect(paths(portForward)).toEqual(["chat-server-a GET /livez", "chat-server-a POST /shed"]);
});

test("does not send a failed command the other way", async () => {
  const access = podAccess({ proxy, portForward });
  await access.ask(pod, get);
  proxy.running.set("apps/chat-server-a:9090", undefined);
  await expect(access.ask(pod, post)).rejects.toMatchObject({ status: 503 });
  expect(paths(portForward)).toEqual([]);
});

test("does not look for a missing pod the other way", async () => {
  const access = podAccess({ proxy, portForward });
  await expect(access.ask({ ...pod, name: "nobody" }, get)).rejects.toMatchObject({ status: 404 });
  expect(paths(portForward)).toEqual([]);
});

test("throws the proxy's error when the pod answers neither way", async () => {
  const access = podAccess({ proxy: failing(proxy, late), portForward: failing(portForward, new Error("refused")) });
  await expect(access.ask(pod, get)).rejects.toBe(late);
});

test.each([
  { when: "both are forbidden", proxyError: forbidden, want: /you may not use pods\/proxy or pods\/portforward/ },
  {
    when: "the proxy times out and port-forward is forbidden",
    proxyError: late,
    want: /get and create on pods\/portforward, or add .* to spec\.networkPolicy\.privateFrom/,
  },
])("says what to allow when $when", async ({ proxyError, want }) => {
  const access = podAccess({ proxy: failing(proxy, proxyError), portForward: failing(portForward, forbidden) });
  await expect(access.ask(pod, get)).rejects.toThrow(want);
});
